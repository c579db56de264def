"""Velero's chart where a HelmRelease refers to an object that says which one it is: the chart with its version, and the image it brings."""

from __future__ import annotations

import pytest
from channel_fixtures import read

from drpolicy.kubernetes.installations import chart_of, installation
from drpolicy.kubernetes.server_settings import servers
from drpolicy.model.provenance import written_at
from drpolicy.model.values import Absent, Known, Value

P = "clusters/primary/velero.yaml"
DIGEST = "sha256:0000000000000000000000000000000000000000000000000000000000000000"


def release(reference: str = "kind: OCIRepository, name: charts", name: str = "backups") -> str:
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: velero}}\n"
        f"spec:\n  chartRef: {{{reference}}}\n  values: {{schedules: {{nightly: {{schedule: '0 1 * * *', template: {{}}}}}}}}\n"
    )


def registry(ref: str, url: str = "oci://registry.example.com/mirror/velero", namespace: str = "velero") -> str:
    return (
        f"---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: charts, namespace: {namespace}}}\n"
        f"spec:\n  url: {url}\n  interval: 1h\n{ref}"
    )


def chart(spec: str) -> str:
    return (
        f"---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {{name: charts, namespace: velero}}\nspec: {{{spec}}}\n"
    )


def said(value: Value[str]) -> str:
    match value:
        case Known(value=text):
            return f"{text} {written_at(value.origin)}"
        case Absent():
            return "-"
        case unknown:
            return f"? {unknown.symbol}"


def installed(files: dict[str, str]) -> list[tuple[str, str]]:
    found = [installation(each) for several in servers(read(files).manifests.resources).values() for each in several]
    return [(said(chart_of(each)), said(each.image.written)) for each in found]


@pytest.mark.parametrize(
    ("ref", "label", "image"),
    [
        ("  ref: {tag: 8.1.0}\n", f"velero-8.1.0 {P}:14:14", f"velero/velero:v1.15.0 {P}:14:14"),
        ("  ref: {tag: '8.1.0@sha256:0'}\n", f"velero-8.1.0 {P}:14:14", f"velero/velero:v1.15.0 {P}:14:14"),
        (f"  ref: {{tag: 8.1.0, digest: '{DIGEST}'}}\n", f"velero-8.1.0 {P}:14:14", f"velero/velero:v1.15.0 {P}:14:14"),
        ("  ref: {semver: 8.x, tag: 7.0.0}\n", f"velero-8.x {P}:14:17", "? the version of Velero in chart 8.x of HelmRelease backups"),
        ("  ref: {tag: latest}\n", f"velero- {P}:3:18", "? the version of Velero in the newest chart of HelmRelease backups"),
        ("", f"velero- {P}:3:18", "? the version of Velero in the newest chart of HelmRelease backups"),
        (f"  ref: {{digest: '{DIGEST}'}}\n", "? chart version of HelmRelease backups", "? image.tag of HelmRelease backups"),
    ],
)
def test_the_reference_of_a_registry_gives_the_version(ref: str, label: str, image: str) -> None:
    assert installed({P: release() + registry(ref)}) == [(label, image)]


def test_the_object_may_stand_in_another_file_and_namespace() -> None:
    other = {
        P: release("kind: OCIRepository, name: charts, namespace: flux-system"),
        "clusters/primary/sources.yaml": registry("  ref: {tag: 8.1.0}\n", namespace="flux-system"),
    }
    assert installed(other) == [
        ("velero-8.1.0 clusters/primary/sources.yaml:8:14", "velero/velero:v1.15.0 clusters/primary/sources.yaml:8:14")
    ]


def test_of_two_clusters_each_takes_its_own() -> None:
    files = {
        "clusters/one/velero.yaml": release() + registry("  ref: {tag: 8.1.0}\n"),
        "clusters/two/velero.yaml": release() + registry("  ref: {tag: 7.0.0}\n"),
    }
    assert [image.split()[0] for _, image in installed(files)] == ["velero/velero:v1.15.0", "velero/velero:v1.14.0"]


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        ("chart: velero, version: 8.1.0, sourceRef: {kind: HelmRepository, name: velero}", f"velero-8.1.0 {P}:11:32"),
        ("chart: velero, sourceRef: {kind: HelmRepository, name: velero}", f"velero- {P}:3:18"),
        (
            "chart: ./charts/velero, version: 8.1.0, sourceRef: {kind: GitRepository, name: charts}",
            "? chart version of HelmRelease backups",
        ),
    ],
)
def test_a_helm_chart_of_the_source_controller_gives_the_version_unless_it_is_in_git(spec: str, label: str) -> None:
    assert [each for each, _ in installed({P: release("kind: HelmChart, name: charts") + chart(spec)})] == [label]


def test_what_is_not_in_the_files_is_told_by_its_name_only() -> None:
    assert installed({P: release("kind: OCIRepository, name: velero-chart")}) == [
        ("? chart version of HelmRelease backups", "? image.tag of HelmRelease backups")
    ]


def test_the_name_of_the_chart_counts_before_that_of_the_reference() -> None:
    files = {P: release().replace("  values: {schedules: {nightly: {schedule: '0 1 * * *', template: {}}}}\n", "  values: {a: 1}\n")}
    velero = files[P].replace("charts", "velero-charts")
    other = registry("  ref: {tag: 1.0.0}\n", url="oci://registry.example.com/shop").replace("charts", "velero-charts")
    assert len(installed({P: velero})) == 1
    assert installed({P: velero + other}) == []
