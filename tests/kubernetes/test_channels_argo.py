"""Argo CD's Applications that apply plain directories, and ApplicationSets whose generators are literal lists."""

from __future__ import annotations

from channel_fixtures import reached

LOCATION = (
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default}\nspec: {provider: aws, objectStorage: {bucket: b}}\n"
)
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: velero, namespace: argocd}
spec:
  generators:
  - list:
      elements:
      - {cluster: prod, bucket: backups-prod}
      - {cluster: dr, bucket: backups-dr}
  template:
    spec:
      destination: {name: '{{cluster}}', namespace: velero}
      source:
        chart: velero
        repoURL: https://charts.example.com
        helm:
          values: |
            configuration:
              backupStorageLocation:
              - {provider: aws, bucket: "{{bucket}}"}
"""


def application(more: str = "") -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: velero, namespace: argocd}\n"
        "spec:\n  destination: {namespace: velero, server: https://kubernetes.default.svc}\n"
        f"  source:\n    path: components/velero\n    repoURL: https://git.example.com/here\n{more}"
    )


def heads(files: dict[str, str]) -> list[str]:
    return [line for line in reached(files) if not line.startswith("  ")]


def test_a_plain_directory_is_on_the_cluster_of_its_application() -> None:
    files = {"clusters/prod/velero.yaml": application(), "components/velero/location.yaml": LOCATION}
    assert heads(files) == ["prod//BackupStorageLocation/velero/default components/velero/location.yaml:3:18"]


def test_a_namespace_that_is_written_stays() -> None:
    written = LOCATION.replace("{name: default}", "{name: default, namespace: backup}")
    files = {"clusters/prod/velero.yaml": application(), "components/velero/location.yaml": written}
    assert heads(files) == ["prod//BackupStorageLocation/backup/default components/velero/location.yaml:3:18"]


def test_directories_below_are_applied_when_it_recurses() -> None:
    files = {"clusters/prod/velero.yaml": application(), "components/velero/below/location.yaml": LOCATION}
    assert heads(files) == ["components//BackupStorageLocation/default/default components/velero/below/location.yaml:3:18"]
    files["clusters/prod/velero.yaml"] = application("    directory: {recurse: true}\n")
    assert heads(files) == ["prod//BackupStorageLocation/velero/default components/velero/below/location.yaml:3:18"]


def test_a_kustomization_is_built_for_its_application() -> None:
    files = {
        "clusters/prod/velero.yaml": application(),
        "components/velero/kustomization.yaml": "resources: [location.yaml]\nnamespace: storage\n",
        "components/velero/location.yaml": LOCATION,
    }
    assert heads(files) == ["prod//BackupStorageLocation/storage/default components/velero/location.yaml:3:18"]


def test_a_literal_list_makes_an_application_for_each_cluster() -> None:
    assert reached({"argocd/velero.yaml": SET}) == [
        "prod//BackupStorageLocation/velero/default argocd/velero.yaml:20:18",
        "  provider = aws argocd/velero.yaml:20:28",
        "  objectStorage.bucket = backups-prod argocd/velero.yaml:20:41",
        "dr//BackupStorageLocation/velero/default argocd/velero.yaml:20:18",
        "  provider = aws argocd/velero.yaml:20:28",
        "  objectStorage.bucket = backups-dr argocd/velero.yaml:20:41",
    ]


def test_other_generators_beside_a_list_leave_the_rest_open() -> None:
    more = SET.replace("  generators:\n", "  generators:\n  - clusters: {}\n")
    assert heads({"argocd/velero.yaml": more}) == [
        "prod//BackupStorageLocation/velero/default argocd/velero.yaml:21:18",
        "dr//BackupStorageLocation/velero/default argocd/velero.yaml:21:18",
        "argocd//BackupStorageLocation/velero/default ? argocd/velero.yaml:21:18",
    ]
