"""Velero's chart, by way of Argo CD, Flux, Helmfile, Helm's own controller, and values files."""

from __future__ import annotations

import pytest
from channel_fixtures import not_read, reached

VALUES = """\
configuration:
  backupStorageLocation:
  - name: main
    provider: aws
    bucket: backups
    prefix: prod
    default: true
    config: {region: eu-west-1, s3ForcePathStyle: true}
  volumeSnapshotLocation:
  - provider: aws
    config: {region: eu-west-1}
schedules:
  daily:
    schedule: "0 1 * * *"
    template: {ttl: 720h}
  off:
    disabled: true
    schedule: "@daily"
    template: {}
"""


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}" for line in text.splitlines(keepends=True))


def release(values: str, more: str = "") -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: velero, namespace: velero}\nspec:\n"
        f"  chart: {{spec: {{chart: velero}}}}\n{more}  values:\n{indented(values, 4)}"
    )


def test_a_flux_release_renders_the_chart() -> None:
    assert reached({"k/velero.yaml": release(VALUES)}) == [
        "k//BackupStorageLocation/velero/main k/velero.yaml:9:15",
        "  provider = aws k/velero.yaml:10:19",
        "  config.region = eu-west-1 k/velero.yaml:14:26",
        "  config.s3ForcePathStyle = true k/velero.yaml:14:55",
        "  default = True k/velero.yaml:13:18",
        "  objectStorage.bucket = backups k/velero.yaml:11:17",
        "  objectStorage.prefix = prod k/velero.yaml:12:17",
        "k//VolumeSnapshotLocation/velero/default k/velero.yaml:16:9",
        "  provider = aws k/velero.yaml:16:19",
        "  config.region = eu-west-1 k/velero.yaml:17:26",
        "k//Schedule/velero/velero-daily k/velero.yaml:19:7",
        "  schedule = 0 1 * * * k/velero.yaml:20:19",
        "  template.ttl = 720h k/velero.yaml:21:25",
        "k//Schedule/velero/velero-off k/velero.yaml:22:7",
        "  schedule = @daily k/velero.yaml:24:19",
        "  paused = True k/velero.yaml:23:19",
    ]


def test_the_server_gets_its_flags_and_the_node_agent_is_there_when_asked_for() -> None:
    values = (
        "deployNodeAgent: true\nimage: {tag: v1.18.1}\nconfiguration:\n  features: EnableCSI\n  defaultBackupTTL: 72h\n"
        "  extraArgs: [--x=y]\n"
    )
    assert reached({"k/velero.yaml": release(values)}, "apps/v1/") == [
        "k//Deployment/velero/velero k/velero.yaml:3:18",
        "  template.spec.containers[0].name = velero k/velero.yaml:3:18",
        "  template.spec.containers[0].image = velero/velero:v1.18.1 k/velero.yaml:8:18",
        "  template.spec.containers[0].command[0] = /velero k/velero.yaml:3:18",
        "  template.spec.containers[0].args[0] = server k/velero.yaml:3:18",
        "  template.spec.containers[0].args[1] = --default-backup-ttl=72h k/velero.yaml:11:25",
        "  template.spec.containers[0].args[2] = --features=EnableCSI k/velero.yaml:10:17",
        "  template.spec.containers[0].args[3] = --x=y k/velero.yaml:12:19",
        "  template.spec.serviceAccountName = velero-server k/velero.yaml:3:18",
        "  template.spec.volumes[0].name = cloud-credentials k/velero.yaml:3:18",
        "  template.spec.volumes[0].secret.secretName = velero k/velero.yaml:3:18",
        "k//DaemonSet/velero/node-agent k/velero.yaml:3:18",
        "  template.spec.containers[0].name = node-agent k/velero.yaml:3:18",
    ]


def test_a_suspended_release_is_not_what_the_cluster_has() -> None:
    (line, *_) = reached({"k/v.yaml": release("schedules: {d: {schedule: '@daily', template: {}}}\n", "  suspend: true\n")})
    assert line == "k//Schedule/velero/velero-d ? k/v.yaml:8:17"


def test_values_of_a_configmap_lie_below_those_of_the_release() -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base, namespace: velero}\ndata:\n  values.yaml: |\n"
        "    schedules:\n      daily:\n        schedule: '@hourly'\n        template: {ttl: 1h}\n"
    )
    more = "  valuesFrom: [{kind: ConfigMap, name: base}]\n"
    found = reached({"k/base.yaml": config, "k/v.yaml": release("schedules: {daily: {template: {ttl: 2h}}}\n", more)})
    assert found == [
        "k//Schedule/velero/velero-daily k/v.yaml:8:17",
        "  schedule = @hourly k/base.yaml:8:19",
        "  template.ttl = 2h k/v.yaml:8:41",
    ]


def test_values_that_are_elsewhere_leave_open_what_lies_below() -> None:
    text = release("schedules: {daily: {schedule: '@daily', template: {}}}\n", "  valuesFrom: [{kind: Secret, name: s}]\n")
    assert not_read({"k/v.yaml": text}) == [
        ("HelmRelease velero", "BackupStorageLocation"),
        ("HelmRelease velero", "VolumeSnapshotLocation"),
        ("HelmRelease velero", "Schedule"),
    ]
    assert reached({"k/v.yaml": text})[0] == "k//Schedule/velero/velero-daily k/v.yaml:8:17"


def test_the_map_form_of_old_charts_takes_the_provider_from_beside_it() -> None:
    values = "configuration:\n  provider: aws\n  backupStorageLocation:\n    bucket: old\n    config: {region: us-east-1}\n"
    assert reached({"k/v.yaml": release(values)}) == [
        "k//BackupStorageLocation/velero/default k/v.yaml:10:9",
        "  provider = aws k/v.yaml:8:17",
        "  config.region = us-east-1 k/v.yaml:11:26",
        "  objectStorage.bucket = old k/v.yaml:10:17",
    ]


ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: backups, namespace: argocd}
spec:
  destination: {namespace: velero}
  sources:
  - chart: velero
    repoURL: https://vmware-tanzu.github.io/helm-charts
    helm:
      valueFiles: [$files/values/velero.yaml]
      values: |
        schedules:
          daily:
            template:
              ttl: 2h
      parameters:
      - {name: "configuration.backupStorageLocation[0].bucket", value: given}
  - {repoURL: https://example.com/this.git, ref: files}
"""


def test_argo_cd_lays_files_values_and_parameters_over_each_other() -> None:
    files = {
        "k/app.yaml": ARGO,
        "values/velero.yaml": (
            "configuration:\n  backupStorageLocation: [{provider: aws, bucket: x}]\nschedules:\n"
            "  daily: {schedule: '@daily', template: {ttl: 1h}}\n"
        ),
    }
    assert reached(files) == [
        "k//BackupStorageLocation/velero/default values/velero.yaml:2:28",
        "  provider = aws values/velero.yaml:2:38",
        "  objectStorage.bucket = given k/app.yaml:17:72",
        "k//Schedule/velero/backups-velero-daily k/app.yaml:13:11",
        "  schedule = @daily values/velero.yaml:4:21",
        "  template.ttl = 2h k/app.yaml:15:20",
    ]


def test_an_application_set_may_make_none() -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: velero}\nspec:\n  generators: [{clusters: {}}]\n"
        "  template:\n    spec:\n      destination: {namespace: velero}\n      source:\n        chart: velero\n        helm:\n"
        "          valuesObject:\n            schedules:\n              daily: {schedule: '{{cron}}', template: {}}\n"
    )
    assert reached({"k/set.yaml": text}) == [
        "k//Schedule/velero/velero-daily ? k/set.yaml:14:15",
        "  schedule ? k/set.yaml:{{cron}} k/set.yaml:14:33",
    ]


def test_helms_own_controller_takes_values_as_a_text() -> None:
    text = (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: velero, namespace: kube-system}\nspec:\n  chart: velero\n"
        "  targetNamespace: velero\n  set: {schedules.daily.paused: 'true'}\n  valuesContent: |-\n    schedules:\n      daily:\n"
        "        schedule: '@daily'\n        template: {ttl: 1h}\n"
    )
    assert reached({"k/c.yaml": text}) == [
        "k//Schedule/velero/velero-daily k/c.yaml:10:7",
        "  schedule = @daily k/c.yaml:11:19",
        "  paused = True k/c.yaml:7:33",
        "  template.ttl = 1h k/c.yaml:12:25",
    ]


def test_a_helmfile_merges_files_and_inline_values() -> None:
    files = {
        "h/helmfile.yaml": (
            "releases:\n- name: velero\n  namespace: velero\n  chart: vmware-tanzu/velero\n  values:\n  - base.yaml\n"
            "  - schedules: {daily: {template: {ttl: 3h}}}\n- {name: gone, chart: x/velero, installed: false, values: [base.yaml]}\n"
        ),
        "h/base.yaml": "schedules:\n  daily: {schedule: '@daily', template: {ttl: 1h}}\n",
    }
    assert reached(files) == [
        "h//Schedule/velero/velero-daily h/helmfile.yaml:7:17",
        "  schedule = @daily h/base.yaml:2:21",
        "  template.ttl = 3h h/helmfile.yaml:7:41",
    ]


def test_an_umbrella_chart_hands_values_down_under_any_key() -> None:
    files = {
        "c/Chart.yaml": "name: platform\ndependencies: [{name: velero, alias: backup, version: 8.x.x}]\n",
        "c/values.yaml": "backup:\n  schedules:\n    daily: {schedule: '@daily', template: {ttl: 1h}}\n",
        "c/values_prod.yaml": "backup:\n  schedules:\n    daily: {schedule: '@hourly', template: {ttl: 2h}}\n",
    }
    assert reached(files) == [
        "c//Schedule/velero/velero-daily c/values_prod.yaml:3:5",
        "  schedule = @hourly c/values_prod.yaml:3:23",
        "  template.ttl = 2h c/values_prod.yaml:3:50",
    ]


def test_values_that_nothing_uses_say_only_what_they_say() -> None:
    files = {"v/velero.yaml": "schedules:\n  daily: {schedule: '@daily', template: {ttl: 1h}}\n"}
    assert [kind for _, kind in not_read(files)] == ["BackupStorageLocation", "VolumeSnapshotLocation"]
    assert reached(files)[0] == "v//Schedule/velero/velero-daily v/velero.yaml:2:3"


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("charts/velero/values.yaml", {"charts/velero/Chart.yaml": "name: velero\n"}),
        ("charts/velero/ci/test-values.yaml", {"charts/velero/Chart.yaml": "name: velero\n"}),
        ("charts/shop/values.yaml", {"charts/shop/Chart.yaml": "name: shop\n"}),
        ("c/ci/test-values.yaml", {"c/Chart.yaml": "name: platform\ndependencies: [{name: velero, version: 8.x.x}]\n"}),
    ],
)
def test_veleros_own_chart_charts_without_it_and_what_a_chart_is_tried_with_are_no_cluster(path: str, more: dict[str, str]) -> None:
    assert reached({path: VALUES, **more}) == []


def test_other_charts_are_named_as_not_read() -> None:
    text = release("replicas: 2\n").replace("chart: velero", "chart: shop").replace("name: velero,", "name: shop,")
    assert not_read({"k/shop.yaml": text}) == [("HelmRelease shop", "")]


def test_a_text_with_placeholders_keeps_its_places() -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${NAME}-values', namespace: velero}\ndata:\n  values.yaml: |\n"
        "    configuration:\n      backupStorageLocation:\n      - bucket: ${BUCKET}\n        provider: aws\n"
    )
    more = "  valuesFrom: [{kind: ConfigMap, name: '${NAME}-values'}]\n"
    assert reached({"k/base.yaml": config, "k/v.yaml": release("snapshotsEnabled: false\n", more)}) == [
        "k//BackupStorageLocation/velero/default k/base.yaml:8:9",
        "  provider = aws k/base.yaml:9:19",
        "  objectStorage.bucket ? k/base.yaml:${BUCKET} k/base.yaml:8:17",
    ]


def test_a_chart_around_veleros_may_have_its_name() -> None:
    files = {
        "c/velero/Chart.yaml": "name: velero\ndependencies: [{name: velero, version: 12.x.x}]\n",
        "c/velero/values.yaml": "velero:\n  configuration:\n    backupStorageLocation:\n    - {name: default, provider: aws, bucket: b}\n",
    }
    expected = [
        "//BackupStorageLocation/velero/default c/velero/values.yaml:4:14",
        "  provider = aws c/velero/values.yaml:4:33",
        "  objectStorage.bucket = b c/velero/values.yaml:4:46",
    ]
    assert reached(files) == [f"c{expected[0]}", *expected[1:]]
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: velero, namespace: argocd}\nspec:\n"
        "  destination: {namespace: velero}\n  source: {path: c/velero, repoURL: https://git.example.com/here}\n"
    )
    assert reached({**files, "prod/velero.yaml": application}) == [f"prod{expected[0]}", *expected[1:]]
    terraform = 'resource "helm_release" "velero" {\n  name = "velero"\n  namespace = "velero"\n  chart = "../c/velero"\n}\n'
    assert reached({**files, "prod/main.tf": terraform}) == [f"prod{expected[0]}", *expected[1:]]


def test_a_release_of_old_and_new_groups_takes_what_flux_fills_in() -> None:
    files = {
        "clusters/prod/velero.yaml": (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: velero, namespace: flux-system}\n"
            "spec:\n  path: ./apps/velero\n  postBuild:\n    substitute: {BUCKET: backups-prod}\n"
            "    substituteFrom: [{kind: ConfigMap, name: settings}]\n"
        ),
        "clusters/prod/settings.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata:\n  REGION: eu-west-1\n"
        ),
        "apps/velero/release.yaml": (
            "apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\nmetadata: {name: velero, namespace: velero}\nspec:\n"
            "  chart: {spec: {chart: velero}}\n  values:\n    configuration:\n      backupStorageLocation:\n      - provider: aws\n"
            "        bucket: ${BUCKET}\n        config: {region: '${REGION}', profile: '${NONE:=default}'}\n"
        ),
    }
    assert reached(files) == [
        "prod//BackupStorageLocation/velero/default apps/velero/release.yaml:9:9",
        "  provider = aws apps/velero/release.yaml:9:19",
        "  config.region = eu-west-1 clusters/prod/settings.yaml:5:11",
        "  config.profile = default apps/velero/release.yaml:11:48",
        "  objectStorage.bucket = backups-prod clusters/prod/velero.yaml:7:26",
    ]
