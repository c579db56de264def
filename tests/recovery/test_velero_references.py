"""What a schedule and a restore name, and whether it is on their cluster: exact words, and the places of both sides."""

from __future__ import annotations

import pytest
from test_velero_installations import P, cluster, documents, only_schedule, schedule, shown

SNAPSHOTS = "apiVersion: velero.io/v1\nkind: VolumeSnapshotLocation\nmetadata: {name: aws, namespace: velero}\nspec: {provider: PROVIDER}\n"
POLICY = "resourcePolicy: {kind: ConfigMap, name: volumes}"
DOUBT = "? ConfigMap volumes on primary"


def snapshots(name: str = "aws", provider: str = "aws") -> str:
    return SNAPSHOTS.replace("aws,", f"{name},").replace("PROVIDER", provider)


def config_map(name: str = "volumes", namespace: str = "velero", data: str = "{p.yaml: 'version: v1'}") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata: {data}\n"


def said(*objects: str, more: dict[str, str] | None = None) -> str:
    return shown(only_schedule({P: documents(*objects), **(more or {})}).names_found)


def test_a_missing_snapshot_location_is_shown_with_those_that_are_there() -> None:
    text = "schedule nightly names snapshot location default, and there is only aws, west"
    found = said(snapshots(), snapshots("west"), schedule("volumeSnapshotLocations: [default]"))
    assert found == f"{text} @ {P}:14:68, {P}:3:18, {P}:8:18"


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ((schedule("volumeSnapshotLocations: [default]"),), "? snapshot location default on primary"),
        ((snapshots("'${NAME}'"), schedule("volumeSnapshotLocations: [default]")), "? snapshot location default on primary"),
        ((snapshots(), schedule("volumeSnapshotLocations: ['${NAME}']")), f"? {P}:${{NAME}}"),
        ((snapshots(), schedule("volumeSnapshotLocations: []")), "-"),
        ((snapshots(), snapshots("gcp", "gcp"), schedule("volumeSnapshotLocations: [gcp, aws]")), "holds"),
        ((snapshots(), snapshots("west", "'${P}'"), schedule("volumeSnapshotLocations: [west, aws]")), "holds"),
        ((snapshots(), schedule("volumeSnapshotLocations: [aws, aws]")), "holds"),
    ],
)
def test_what_may_be_elsewhere_is_not_missing(objects: tuple[str, ...], expected: str) -> None:
    assert said(*objects) == expected


def test_two_snapshot_locations_of_one_provider_are_refused() -> None:
    found = said(snapshots(), snapshots("west", "velero.io/aws"), schedule("volumeSnapshotLocations: [aws, west]"))
    assert found.startswith("schedule nightly names two snapshot locations of provider aws, aws and west @ ")


def test_a_policy_is_looked_for_in_the_namespace_of_its_schedule() -> None:
    assert said(config_map(), schedule(POLICY)) == "holds"
    assert said(schedule(POLICY)) == DOUBT
    wrong = "schedule nightly names ConfigMap volumes for its resource policy, which is in namespace shop and not in velero"
    assert said(config_map(namespace="shop"), schedule(POLICY)) == f"{wrong} @ {P}:9:82, {P}:3:18"
    other = "schedule nightly names ConfigMap volumes for its resource policy, and in namespace velero there is only policy"
    assert said(config_map("policy"), schedule(POLICY)) == f"{other} @ {P}:9:82, {P}:3:18"
    assert said(config_map("policy", "shop"), schedule(POLICY)) == DOUBT
    assert said(config_map("'${NAME}'"), schedule(POLICY)) == DOUBT
    assert said(config_map().replace(", namespace: velero", ""), schedule(POLICY)) == "holds"


def test_a_policy_of_another_kind_is_none() -> None:
    assert said(config_map("policy"), schedule("resourcePolicy: {kind: Secret, name: volumes}")) == "-"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("{}", "which has no key and not one"),
        ("{a: x, b: y}", "which has 2 keys and not one"),
        ("{a: '${TEXT}'}", ""),
        ("'${DATA}'", ""),
    ],
)
def test_a_policy_is_the_one_key_of_its_config_map(data: str, expected: str) -> None:
    found = said(config_map(data=data), schedule(POLICY))
    assert (
        found.startswith(f"schedule nightly names ConfigMap volumes for its resource policy, {expected} @ ")
        if expected
        else found == "holds"
    )


@pytest.mark.parametrize("made", ["volumes", "${var.name}"])
def test_terraform_may_make_it(made: str) -> None:
    terraform = f'variable "name" {{}}\nresource "kubernetes_config_map_v1" "a" {{\n  metadata {{\n    name = "{made}"\n  }}\n}}\n'
    assert said(config_map("policy"), schedule(POLICY), more={"main.tf": terraform}) == DOUBT
    another = terraform.replace(made, "other")
    assert said(config_map("policy"), schedule(POLICY), more={"main.tf": another}) != DOUBT


def test_what_is_not_read_may_bring_it() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: shop}\nspec:\n"
        "  chart: {spec: {chart: shop, version: 1.0.0}}\n"
    )
    found = said(config_map("policy"), schedule(POLICY), release)
    assert found.startswith("? ConfigMap volumes from HelmRelease shop: ")


def test_a_schedule_that_waits_is_left_alone() -> None:
    naming = schedule("volumeSnapshotLocations: [default]")
    assert said(snapshots(), naming.replace("schedule: ", "paused: true, schedule: ")) == "-"
    assert said(snapshots(), naming.replace("schedule: ", "paused: '${OFF}', schedule: ")) == f"? {P}:${{OFF}}"
    files = {"clusters/dr/velero.yaml": documents(snapshots(), naming)}
    assert shown(only_schedule(files).names_found) == "-"


def test_a_restore_on_any_cluster_needs_its_modifiers() -> None:
    restore = (
        "apiVersion: velero.io/v1\nkind: Restore\nmetadata: {name: shop, namespace: velero}\n"
        "spec: {backupName: b, resourceModifier: {kind: ConfigMap, name: modifiers}}\n"
    )
    path = "clusters/dr/velero.yaml"
    found = cluster({path: documents(config_map("to-dr"), restore)}, "dr").velero.modifiers_found
    text = "restore shop names ConfigMap modifiers for its resource modifiers, and in namespace velero there is only to-dr"
    assert shown(found) == f"{text} @ {path}:9:65, {path}:3:18"
    assert shown(cluster({path: documents(config_map("modifiers"), restore)}, "dr").velero.modifiers_found) == "holds"


@pytest.mark.parametrize(("made", "template"), [(config_map(), POLICY), (snapshots(), "volumeSnapshotLocations: [aws]")])
def test_what_may_not_be_there_is_not_known_to_be(made: str, template: str) -> None:
    terraform = 'variable "on" {\n  type = bool\n}\n' + "".join(
        f'resource "kubernetes_manifest" "{name}" {{\n{count}  manifest = yamldecode(<<EOT\n{text}EOT\n  )\n}}\n'
        for name, count, text in (("made", "  count = var.on ? 1 : 0\n", made), ("schedule", "", schedule(template)))
    )
    assert shown(only_schedule({"live/main.tf": terraform}).names_found) == "? live:var.on"
    always = terraform.replace("  count = var.on ? 1 : 0\n", "")
    assert shown(only_schedule({"live/main.tf": always}).names_found) == "holds"
