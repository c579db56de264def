"""Kustomize and Flux's Kustomization: overlays are judged where they stand, bases are not judged by themselves."""

from __future__ import annotations

from channel_fixtures import not_read, reached

BASE = (
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\nspec:\n"
    "  provider: aws\n  objectStorage: {bucket: REPLACED}\n  config: {region: REPLACED}\n"
)
FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: velero, namespace: flux-system}}\nspec:\n"
    "  path: ./infra/velero\n  postBuild:\n    substitute: {{BUCKET: {bucket}}}\n"
)


def test_overlays_patch_a_base_which_is_none_by_itself() -> None:
    files = {
        "base/bsl.yaml": BASE,
        "base/kustomization.yaml": "resources: [bsl.yaml]\n",
        "overlays/prod/kustomization.yaml": (
            "resources: [../../base]\nnamespace: backups\npatches:\n- path: patch.yaml\n"
            "- target: {kind: BackupStorageLocation}\n  patch: |-\n    - op: replace\n      path: /spec/config/region\n"
            "      value: eu-west-1\n"
        ),
        "overlays/prod/patch.yaml": (
            "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default}\nspec:\n  objectStorage: {bucket: prod}\n"
        ),
    }
    assert reached(files) == [
        "prod//BackupStorageLocation/backups/default base/bsl.yaml:3:18",
        "  provider = aws base/bsl.yaml:5:13",
        "  objectStorage.bucket = prod overlays/prod/patch.yaml:5:27",
        "  config.region = eu-west-1 overlays/prod/kustomization.yaml:9:14",
    ]


def test_a_base_that_two_overlays_use_is_on_both_clusters() -> None:
    overlay = (
        "resources: [../../base]\npatchesStrategicMerge:\n- |-\n  apiVersion: velero.io/v1\n"
        "  kind: BackupStorageLocation\n  metadata: {name: default}\n  spec: {objectStorage: {bucket: %s}}\n"
    )
    files = {
        "base/bsl.yaml": BASE,
        "base/kustomization.yaml": "resources: [bsl.yaml]\n",
        "clusters/a/kustomization.yaml": overlay % "one",
        "clusters/b/kustomization.yaml": overlay % "two",
    }
    assert [line for line in reached(files) if "bucket" in line] == [
        "  objectStorage.bucket = one clusters/a/kustomization.yaml:7:34",
        "  objectStorage.bucket = two clusters/b/kustomization.yaml:7:34",
    ]


def test_components_generators_affixes_and_replacements() -> None:
    files = {
        "k/bsl.yaml": BASE,
        "k/kustomization.yaml": (
            "resources: [bsl.yaml]\ncomponents: [../ro]\nnamePrefix: eu-\nreplacements:\n- source: {kind: ConfigMap, name: c}\n"
            "  targets: [{select: {kind: BackupStorageLocation}, fieldPaths: [spec.objectStorage.bucket]}]\n"
        ),
        "ro/kustomization.yaml": (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: BackupStorageLocation}\n"
            "  patch: '[{op: add, path: /spec/accessMode, value: ReadOnly}]'\n"
        ),
    }
    assert reached(files) == [
        "k//BackupStorageLocation/velero/eu-default k/bsl.yaml:3:18",
        "  provider = aws k/bsl.yaml:5:13",
        "  objectStorage.bucket ? a replacement of a kustomization k/kustomization.yaml:5:3",
        "  config.region = REPLACED k/bsl.yaml:7:20",
        "  accessMode = ReadOnly ro/kustomization.yaml:5:53",
    ]


def test_a_patch_can_delete() -> None:
    text = "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default}\n$patch: delete\n"
    assert (
        reached({"k/bsl.yaml": BASE, "k/kustomization.yaml": "resources: [bsl.yaml]\npatches: [{path: p.yaml}]\n", "k/p.yaml": text}) == []
    )


def test_a_chart_of_a_kustomization_is_rendered() -> None:
    text = (
        "helmCharts:\n- name: velero\n  releaseName: velero\n  namespace: velero\n  valuesFile: v.yaml\n"
        "  valuesInline: {schedules: {daily: {template: {ttl: 2h}}}}\n"
    )
    assert reached({"k/kustomization.yaml": text, "k/v.yaml": "schedules: {daily: {schedule: '@daily', template: {ttl: 1h}}}\n"}) == [
        "k//Schedule/velero/velero-daily k/kustomization.yaml:6:30",
        "  schedule = @daily k/v.yaml:1:31",
        "  template.ttl = 2h k/kustomization.yaml:6:54",
    ]


def test_flux_puts_a_directory_on_the_clusters_that_apply_it_and_fills_in_variables() -> None:
    files = {
        "clusters/a/velero.yaml": FLUX.format(bucket="one"),
        "clusters/b/velero.yaml": FLUX.format(bucket="two"),
        "infra/velero/bsl.yaml": BASE.replace("bucket: REPLACED", "bucket: '${BUCKET}-backups', prefix: '${PREFIX:=all}'"),
    }
    assert [line for line in reached(files) if "//" in line or "objectStorage" in line] == [
        "a//BackupStorageLocation/velero/default infra/velero/bsl.yaml:3:18",
        "  objectStorage.bucket = one-backups infra/velero/bsl.yaml:6:27",
        "  objectStorage.prefix = all infra/velero/bsl.yaml:6:56",
        "b//BackupStorageLocation/velero/default infra/velero/bsl.yaml:3:18",
        "  objectStorage.bucket = two-backups infra/velero/bsl.yaml:6:27",
        "  objectStorage.prefix = all infra/velero/bsl.yaml:6:56",
    ]


def test_what_is_not_in_the_files_is_named() -> None:
    text = "resources: [https://github.com/example/velero-base?ref=v1, ../missing]\nsecretGenerator: []\n"
    assert not_read({"k/kustomization.yaml": text, "k/x.yaml": BASE}) == [
        ("k/kustomization.yaml", "*"),
        ("k/kustomization.yaml", ""),
        ("k/kustomization.yaml", ""),
    ]


def test_kustomizations_in_a_circle_end() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b, x.yaml]\n",
        "b/kustomization.yaml": "resources: [../a]\n",
        "c/kustomization.yaml": "resources: [../a]\n",
        "a/x.yaml": BASE,
    }
    assert [line for line in reached(files) if "//" in line] == ["c//BackupStorageLocation/velero/default a/x.yaml:3:18"]


def test_oadp_makes_locations_a_server_and_a_node_agent() -> None:
    text = (
        "apiVersion: oadp.openshift.io/v1alpha1\nkind: DataProtectionApplication\nmetadata: {name: dpa, namespace: openshift-adp}\nspec:\n"
        "  configuration:\n    velero: {defaultPlugins: [aws, csi]}\n    nodeAgent: {enable: true}\n  backupLocations:\n"
        "  - velero:\n      provider: aws\n      default: true\n      objectStorage: {bucket: b}\n"
        "  - name: cloud\n    bucket: {cloudStorageRef: {name: c}}\n"
    )
    assert reached({"k/dpa.yaml": text}) == [
        "k//BackupStorageLocation/openshift-adp/dpa-1 k/dpa.yaml:9:5",
        "  provider = aws k/dpa.yaml:10:17",
        "  default = True k/dpa.yaml:11:16",
        "  objectStorage.bucket = b k/dpa.yaml:12:31",
        "k//BackupStorageLocation/openshift-adp/cloud k/dpa.yaml:13:11",
        "  provider ? provider of a CloudStorage k/dpa.yaml:14:38",
        "  objectStorage.bucket ? bucket of a CloudStorage k/dpa.yaml:14:38",
    ]
    assert [line.split(" ")[0] for line in reached({"k/dpa.yaml": text}, "apps/v1/") if "//" in line] == [
        "k//Deployment/openshift-adp/velero",
        "k//DaemonSet/openshift-adp/node-agent",
    ]


def test_values_in_a_config_map_that_overlays_and_components_add_to() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: velero}\nspec:\n  chart: {spec: {chart: velero}}\n"
        "  valuesFrom:\n  - {kind: ConfigMap, name: values, valuesKey: base.yaml}\n"
    )

    def added(key: str, behavior: str = "merge") -> str:
        return (
            f"configMapGenerator:\n- name: values\n  behavior: {behavior}\n  files: [{key}=values.yaml]\npatches:\n"
            "- target: {kind: HelmRelease, name: velero}\n  patch: |-\n    - op: add\n      path: /spec/valuesFrom/-\n"
            f"      value: {{kind: ConfigMap, name: values, valuesKey: {key}}}\n"
        )

    files = {
        "base/kustomization.yaml": "resources: [helm.yaml]\nconfigMapGenerator:\n- name: values\n  files: [base.yaml=values.yaml]\n",
        "base/helm.yaml": release,
        "base/values.yaml": "configuration:\n  backupStorageLocation:\n  - {provider: aws, bucket: x}\n",
        "part/kustomization.yaml": f"kind: Component\n{added('part.yaml')}",
        "part/values.yaml": "schedules:\n  d: {schedule: '@daily', template: {ttl: 1h}}\n",
        "prod/kustomization.yaml": f"namespace: velero\nresources: [../base]\ncomponents: [../part]\n{added('top.yaml')}",
        "prod/values.yaml": "schedules:\n  d: {template: {ttl: 9h}}\n",
    }
    assert reached(files) == [
        "prod//BackupStorageLocation/velero/default base/values.yaml:3:6",
        "  provider = aws base/values.yaml:3:16",
        "  objectStorage.bucket = x base/values.yaml:3:29",
        "prod//Schedule/velero/velero-d prod/values.yaml:2:3",
        "  schedule = @daily part/values.yaml:2:17",
        "  template.ttl = 9h prod/values.yaml:2:23",
    ]
    kustomization = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: velero, namespace: flux-system}\n"
        "spec: {path: ./prod, postBuild: {substitute: {BUCKET: filled}}}\n"
    )
    flux = {**files, "clusters/one/velero.yaml": kustomization}
    flux["base/values.yaml"] = flux["base/values.yaml"].replace("bucket: x", "bucket: '${BUCKET}'")
    assert reached(flux)[:3] == [
        "one//BackupStorageLocation/velero/default base/values.yaml:3:6",
        "  provider = aws base/values.yaml:3:16",
        "  objectStorage.bucket = filled base/values.yaml:3:29",
    ]
    # What takes its place leaves nothing of it: the keys that the release asks for are gone.
    files["prod/kustomization.yaml"] = f"namespace: velero\nresources: [../base]\n{added('top.yaml', 'replace')}"
    kinds = ("BackupStorageLocation", "VolumeSnapshotLocation", "Schedule")
    assert [each for each in not_read(files) if each[0] == "HelmRelease velero"] == [("HelmRelease velero", kind) for kind in kinds]


def test_a_variant_that_nothing_applies_is_named_and_in_no_cluster() -> None:
    files = {
        "apps/velero/base/bsl.yaml": BASE,
        "apps/velero/base/kustomization.yaml": "resources: [bsl.yaml]\n",
        "apps/velero/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
        "apps/velero/overlays/prod/kustomization.yaml": "resources: [../../base]\n",
        "apps/velero/overlays/other/kustomization.yaml": "resources: [bsl.yaml]\n",
        "apps/velero/overlays/other/bsl.yaml": BASE,
        "clusters/prod/velero.yaml": FLUX.format(bucket="b").replace("./infra/velero", "./apps/velero/overlays/prod"),
    }
    locations = [each for each in reached(files) if "BackupStorageLocation" in each]
    assert locations == [
        "other//BackupStorageLocation/velero/default apps/velero/overlays/other/bsl.yaml:3:18",
        "prod//BackupStorageLocation/velero/default apps/velero/base/bsl.yaml:3:18",
    ]
    assert not_read(files) == [("apps/velero/overlays/dev/kustomization.yaml", "")]
    alone = {path: text for path, text in files.items() if not path.startswith("clusters/")}
    assert len([each for each in reached(alone) if "BackupStorageLocation" in each]) == 3


def test_components_of_a_kustomization_of_flux_are_applied_for_each_that_has_them() -> None:
    kustomization = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {0}, namespace: flux-system}}\nspec:\n"
        "  path: ./apps/{0}\n  targetNamespace: velero\n  components: [../../components/location]\n"
        "  postBuild:\n    substitute: {{APP: {0}}}\n"
    )
    location = BASE.replace("name: default", "name: '${APP}'")
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [bsl.yaml]\n"
    files = {
        "clusters/one/apps.yaml": kustomization.format("shop") + "---\n" + kustomization.format("blog"),
        "apps/shop/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n",
        "apps/blog/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: blog}\n",
        "components/location/kustomization.yaml": component,
        "components/location/bsl.yaml": location,
    }
    locations = [each for each in reached(files) if "BackupStorageLocation" in each]
    assert locations == [
        "one//BackupStorageLocation/velero/shop components/location/bsl.yaml:3:18",
        "one//BackupStorageLocation/velero/blog components/location/bsl.yaml:3:18",
    ]
    del files["components/location/kustomization.yaml"], files["components/location/bsl.yaml"]
    assert [each for each in reached(files) if "BackupStorageLocation" in each] == []
