"""Which snapshot location Velero chooses for a backup, and where those of AWS are: exact words, and the places of both sides."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of
from test_velero_installations import cluster, documents, schedule, server, shown

from drpolicy.model.values import Known

P = "clusters/primary/velero.yaml"
CONFIGURATION = (
    "apiVersion: drpolicy.dev/v1\nkind: Config\nclusters:\n- {name: primary, region: eu-west-1, role: primary, paths: [clusters/**]}\n"
)
EKS = 'provider "aws" {\n  region = "eu-central-1"\n}\nresource "aws_eks_cluster" "primary" {\n  name = "primary"\n}\n'


def location(name: str, region: str = "eu-west-1", provider: str = "aws", more: str = "") -> str:
    return (
        f"apiVersion: velero.io/v1\nkind: VolumeSnapshotLocation\nmetadata: {{name: {name}, namespace: velero}}\n"
        f"spec: {{provider: {provider}, config: {{region: {region}{more}}}}}\n"
    )


def default(value: str) -> str:
    return server(arguments=f'server, "--default-volume-snapshot-locations={value}"')


TWO = documents(location("first"), location("second"))
REFUSED = "schedule nightly names none of first and second, the snapshot locations of provider aws"


def chosen(*texts: str) -> str:
    return shown(cluster({P: documents(*texts)}).velero.snapshot_locations)


def test_a_schedule_that_names_none_of_two_is_refused_and_all_three_are_shown() -> None:
    text = f"{REFUSED}, and the server has no default one"
    assert chosen(server(), TWO, schedule()) == f"{text} @ {P}:24:18, {P}:14:18, {P}:19:18"


def test_two_names_of_one_provider_and_a_name_that_is_not_there_are_refused() -> None:
    both = chosen(server(), TWO, schedule("volumeSnapshotLocations: [first, second]"))
    assert both == f"schedule nightly names first and second, which are both of provider aws @ {P}:25:68, {P}:25:75"
    third = chosen(server(), location("first"), schedule("volumeSnapshotLocations: [third]"))
    assert third == f"schedule nightly names third, and there is first only @ {P}:20:68"


def test_a_name_that_is_in_no_file_may_be_on_the_cluster_of_a_schedule_in_a_file_of_its_own() -> None:
    files = {P: location("first"), "clusters/primary/schedule.yaml": schedule("volumeSnapshotLocations: [third]")}
    assert shown(cluster(files).velero.snapshot_locations) == "? VolumeSnapshotLocation third on primary"


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("azure:other,aws:second", "holds"),
        ("azure:other", f"{REFUSED}, and the server has no default one @ {P}:24:18, {P}:14:18, {P}:19:18"),
        ("aws:third", f"{REFUSED}, and the server's default one, third, is not there @ {P}:24:18, {P}:10:89, {P}:14:18, {P}:19:18"),
        ("${DEFAULTS}", f"? {P}:--default-volume-snapshot-locations=${{DEFAULTS}}"),
    ],
)
def test_the_default_of_the_server_is_looked_up_by_the_provider(flag: str, said: str) -> None:
    assert chosen(default(flag), TWO, schedule()) == said


def test_providers_are_compared_as_velero_compares_them() -> None:
    assert chosen(server(), location("first"), location("second", provider="velero.io/aws"), schedule()) == "holds"


def test_a_provider_that_is_filled_in_elsewhere_may_be_that_of_the_other() -> None:
    other = location("second", provider='"${PROVIDER}"')
    assert chosen(server(), location("first"), other, schedule()) == f"? {P}:${{PROVIDER}}"
    assert chosen(server(), location("first"), other, schedule("volumeSnapshotLocations: [first, second]")) == "holds"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("velero/velero:v1.13.2", "-"),
        ("velero/velero:v1.14.0", f"{REFUSED}, and the server has no default one @ {P}:24:18, {P}:14:18, {P}:19:18"),
        ("velero/velero:main", "? version of velero/velero:main"),
    ],
)
def test_a_backup_without_snapshots_needs_a_location_since_velero_1_14(image: str, said: str) -> None:
    assert chosen(server(image), TWO, schedule("snapshotVolumes: false")) == said


def test_whether_snapshots_are_taken_matters_only_to_an_older_server() -> None:
    assert chosen(server("velero/velero:v1.13.2"), TWO, schedule('snapshotVolumes: "${SNAPSHOTS}"')) == f"? {P}:${{SNAPSHOTS}}"
    assert chosen(server(), TWO, schedule('snapshotVolumes: "${SNAPSHOTS}"')).startswith(REFUSED)


def test_locations_of_another_namespace_are_another_servers() -> None:
    other = location("second").replace("namespace: velero", "namespace: backups")
    assert chosen(server(), location("first"), other, schedule()) == "-"


def test_one_location_that_two_values_files_give_is_one() -> None:
    files = {
        P: documents(server(), location("first"), schedule()),
        "clusters/primary/again.yaml": location("first"),
    }
    assert shown(cluster(files).velero.snapshot_locations) == "-"


def test_files_of_a_directory_may_be_for_one_cluster_each_unless_something_says_otherwise() -> None:
    files = {P: documents(server(), location("first"), schedule()), "clusters/primary/second.yaml": location("second")}
    doubt = f"whether second of clusters/primary/second.yaml and first of {P} are on one cluster"
    assert shown(cluster(files).velero.snapshot_locations) == f"? {doubt}"
    declared = shown(cluster({**files, "drpolicy.yaml": CONFIGURATION}).velero.snapshot_locations)
    assert declared == f"{REFUSED}, and the server has no default one @ {P}:19:18, clusters/primary/second.yaml:3:18, {P}:14:18"


def test_one_flux_kustomization_applies_both_to_one_cluster() -> None:
    flux = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: velero, namespace: flux-system}\n"
        "spec: {path: ./apps/velero, prune: true, interval: 10m, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    )
    files = {
        "clusters/primary/flux.yaml": flux,
        "apps/velero/velero.yaml": documents(server(), location("first"), schedule()),
        "apps/velero/second.yaml": location("second"),
    }
    assert shown(cluster(files).velero.snapshot_locations).startswith(REFUSED)


def regions(files: dict[str, str]) -> str:
    return shown(cluster(files).velero.snapshot_regions)


def test_the_region_of_a_location_is_held_against_the_declared_one_and_that_of_the_eks_cluster() -> None:
    text = "snapshot location first is in eu-north-1, and the volumes of primary are in"
    assert regions({P: location("first", "eu-north-1"), "drpolicy.yaml": CONFIGURATION}) == (
        f"{text} eu-west-1 @ {P}:4:40, drpolicy.yaml:4:27"
    )
    assert regions({P: location("first", "eu-north-1"), "main.tf": EKS}) == f"{text} eu-central-1 @ {P}:4:40, main.tf:2:12"
    assert regions({P: location("first", "eu-central-1"), "main.tf": EKS}) == "holds"


def test_a_location_that_tells_the_region_of_its_cluster_proves_nothing() -> None:
    found = cluster({P: location("first")})
    assert shown(found.velero.snapshot_regions) == "-"
    assert found.region.value == "eu-west-1"  # type: ignore[union-attr]


def test_two_locations_of_one_cluster_contradict_each_other() -> None:
    text = "snapshot locations are there in eu-central-1 and here in eu-west-1, and a cluster is in one region"
    assert regions({P: documents(location("here"), location("there", "eu-central-1"))}) == f"{text} @ {P}:4:40, {P}:9:40"


@pytest.mark.parametrize(
    "other",
    [
        location("first", "us-east-005"),
        location("first", "minio"),
        location("first", "us-east-1", more=", s3Url: https://minio.example.com"),
        location("first", "us-east1", "gcp"),
    ],
)
def test_what_is_not_in_aws_is_not_compared(other: str) -> None:
    assert regions({P: other, "drpolicy.yaml": CONFIGURATION}) == "-"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("snapshotVolumes: false", "-"),
        ("defaultVolumesToFsBackup: true", "-"),
        ("snapshotMoveData: true", "-"),
        (
            "snapshotVolumes: true",
            f"snapshot location first is in eu-north-1, and the volumes of primary are in eu-west-1 @ {P}:4:40, drpolicy.yaml:4:27",
        ),
    ],
)
def test_a_location_that_no_backup_uses_is_left_alone(template: str, said: str) -> None:
    assert regions({P: documents(location("first", "eu-north-1"), schedule(template)), "drpolicy.yaml": CONFIGURATION}) == said


VOLUME = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {accessModes: [ReadWriteOnce]}\n"
    "---\napiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
    "spec: {provider: aws, default: true, objectStorage: {bucket: backups}}\n"
)


@pytest.mark.parametrize(
    ("template", "effective"),
    [("ttl: 720h", False), ("volumeSnapshotLocations: [first]", True)],
)
def test_a_schedule_that_velero_refuses_protects_nothing(template: str, effective: bool) -> None:
    found = estate_of({P: documents(server(), TWO, schedule(template), VOLUME)})
    store = next(each for each in found.stores if each.name == "primary/shop")
    (protection,) = store.protections
    met = {each.id: each.met for each in protection.prerequisites}["snapshot-location"]
    assert isinstance(met, Known)
    assert met.value is effective


def test_one_more_location_that_is_not_read_may_be_of_the_same_provider() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: velero, namespace: velero}\nspec:\n"
        "  chart: {spec: {chart: velero, version: 8.1.0}}\n  values:\n    configuration:\n      volumeSnapshotLocation:\n"
        "      - {name: first, provider: aws}\n      - {name: second, provider: azure, config: {}}\n      - MORE\n"
        "    schedules: {nightly: {schedule: '0 1 * * *', template: {ttl: 720h}}}\n"
    )
    assert shown(cluster({P: release.replace("      - MORE\n", "")}).velero.snapshot_locations) == "holds"
    said = shown(cluster({P: release.replace("MORE", '"${MORE}"')}).velero.snapshot_locations)
    assert said.startswith("? VolumeSnapshotLocation from HelmRelease velero")
