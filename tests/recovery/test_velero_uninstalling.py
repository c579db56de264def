"""What uninstalling Velero's chart takes along: exact words and places."""

from __future__ import annotations

import pytest
from test_velero_installations import cluster, shown

P = "clusters/primary/velero.yaml"
JOB = (
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: NAME\n  namespace: velero\n  annotations: {helm.sh/hook: 'HOOK'}\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - {name: kubectl, image: kubectl, command: [/bin/kubectl], args: [ARGUMENTS]}\n"
)


def release(values: str) -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: velero, namespace: velero}\nspec:\n"
        f"  chart: {{spec: {{chart: velero, version: 8.1.0}}}}\n  values: {{{values}}}\n"
    )


def job(name: str = "velero-cleanup-crds", hook: str = "pre-delete", arguments: str = "delete, crd, -l, component=velero") -> str:
    return JOB.replace("NAME", name).replace("HOOK", hook).replace("ARGUMENTS", arguments)


def said(text: str, path: str = P) -> str:
    return shown(cluster({path: text}, path.split("/")[1]).velero.objects_outlast_release)


def test_the_value_of_the_chart_is_shown_where_it_is_written() -> None:
    assert said(release("cleanUpCRDs: true")) == f"job velero-cleanup-crds deletes the definitions of Velero's objects @ {P}:6:25"
    assert said(release("fullnameOverride: backups, cleanUpCRDs: true")).startswith("job backups-cleanup-crds deletes")
    assert said(release("")) == "holds"
    assert said(release('cleanUpCRDs: "${CLEAN_UP}"')) == f"? {P}:${{CLEAN_UP}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (job(), f"job velero-cleanup-crds deletes the definitions of Velero's objects @ {P}:4:9"),
        (job(hook="post-install,post-delete"), f"job velero-cleanup-crds deletes the definitions of Velero's objects @ {P}:4:9"),
        (job(hook="post-install"), "-"),
        (job(arguments="get, crd"), "-"),
        (job(arguments="delete, pod, --all"), "-"),
        (job("shop-cleanup", arguments="delete, crd, shops.example.com"), "-"),
    ],
)
def test_a_job_counts_when_it_runs_as_the_release_goes_and_deletes_definitions(text: str, expected: str) -> None:
    assert said(text) == expected


def test_values_that_may_be_given_elsewhere_are_not_asked_for() -> None:
    reference = release("").replace("  values: {}\n", "  valuesFrom: [{kind: Secret, name: more}]\n")
    assert said(reference) == "-"
    suspended = release("cleanUpCRDs: true").replace("spec:\n", "spec:\n  suspend: true\n", 1)
    assert said(suspended) == "-"
