"""Fields of Velero's objects: those the API server drops or refuses."""

from __future__ import annotations

import pytest
from kubernetes_fixtures import one, place, plain

from drpolicy.kubernetes.field_checks import malformed


def of(kind: str, spec: str) -> object:
    return malformed(one(f"apiVersion: velero.io/v1\nkind: {kind}\nmetadata: {{name: x, namespace: velero}}\nspec: {spec}\n"))


@pytest.mark.parametrize(
    ("kind", "spec", "problem"),
    [
        ("Schedule", "{schedule: '@daily', template: {ttl: 1h, hooks: {resources: [{name: a, pre: [{exec: {command: [x]}}]}]}}}", None),
        ("Schedule", "{schedule: '@daily', template: {metadata: {labels: {a: b}}, orderedResources: {pods: a}}}", None),
        ("Schedule", "{paused: yes, template: {snapshotVolumes: null}}", None),
        ("Schedule", "{template: '${X}'}", None),
        ("Schedule", "{tempalte: {}}", "spec.tempalte is no field, so the API server drops it in silence; the nearest is template"),
        (
            "Schedule",
            "{template: {matchLabels: {a: b}}}",
            "spec.template.matchLabels is no field, so the API server drops it in silence; the nearest is labelSelector",
        ),
        ("Schedule", "{zzz: 1}", "spec.zzz is no field, so the API server drops it in silence"),
        ("Schedule", "{schedule: 5}", "spec.schedule is a number, not a string, so the API server refuses the object"),
        ("Schedule", "{template: []}", "spec.template is a list, not a mapping, so the API server refuses the object"),
        (
            "Backup",
            "{includedNamespaces: shop}",
            "spec.includedNamespaces is a string, not a list, so the API server refuses the object",
        ),
        (
            "Backup",
            "{includedNamespaces: [1]}",
            "spec.includedNamespaces[0] is a number, not a string, so the API server refuses the object",
        ),
        ("BackupStorageLocation", "{accessMode: ReadOnly, objectStorage: {bucket: b}, config: {any: thing}}", None),
        (
            "BackupStorageLocation",
            "{accessMode: readonly}",
            "spec.accessMode is readonly, not ReadOnly or ReadWrite, so the API server refuses the object",
        ),
        (
            "BackupStorageLocation",
            "{bucket: b, prefix: c, region: d, default: 'true'}",
            "spec.bucket is no field, so the API server drops it in silence; "
            "spec.prefix is no field, so the API server drops it in silence; "
            "spec.region is no field, so the API server drops it in silence; and more",
        ),
        ("Restore", "{scheduleName: s, namespaceMapping: {a: b}, existingResourcePolicy: update}", None),
        ("DownloadRequest", "{anything: goes}", None),
    ],
)
def test_fields(kind: str, spec: str, problem: str | None) -> None:
    assert plain(of(kind, spec)) == problem


def test_the_place_is_the_key() -> None:
    assert place(of("Schedule", "{template: {ttl: 1h, matchLabels: {a: b}}}")) == "4:28 matchLabels"
