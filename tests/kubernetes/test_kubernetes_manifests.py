from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kubernetes_fixtures import load, one, plain

from drpolicy.kubernetes.clusters import ClusterDeclaration, assign, matches
from drpolicy.kubernetes.manifests import load_manifests
from drpolicy.model.provenance import Default
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Unknown
from drpolicy.sources.reading import Sources
from drpolicy.sources.trees import MemoryTree

SCHEDULE = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata:\n  name: daily\n  namespace: velero\nspec:\n  schedule: '0 1 * * *'\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
NOWHERE = Absent(Default("", ""))


def vsl(region: str, name: str = "aws") -> str:
    return (
        f"apiVersion: velero.io/v1\nkind: VolumeSnapshotLocation\nmetadata: {{name: {name}, namespace: velero}}\n"
        f"spec: {{provider: velero.io/aws, config: {{region: {region}}}}}\n"
    )


def test_a_document_becomes_a_resource() -> None:
    resource = one(f"# first\n---\n{SCHEDULE}")
    assert (resource.key, resource.type, resource.name) == ("k8s//Schedule/velero/daily", "velero.io/v1/Schedule", "daily")
    assert (str(resource.span), resource.span.text) == ("k8s/x.yaml:6:9", "daily")
    assert resource.extent.text.startswith("apiVersion") or resource.extent.text.startswith("---")
    assert plain(resource.get("spec", "schedule")) == "0 1 * * *"
    assert resource.channel == "manifest"
    assert isinstance(resource.account, Absent)


def test_lists_are_unfolded_and_namespaces_filled_in() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
        "- {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n- {apiVersion: v1, kind: Pod, metadata: {generateName: c-}}\n"
    )
    assert [each.address for each in load({"x/a.yaml": text}).resources] == ["ConfigMap/default/a", "Namespace/_/b", "Pod/default/c-"]


def test_json_is_read_too() -> None:
    assert one('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}', "k/p.json").address == "Pod/default/p"


def test_what_is_no_manifest_is_not_ours() -> None:
    found = load(
        {
            "values.yaml": "kind: x\nreplicas: 3\n",
            "broken.yaml": "a: [\n",
            "crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n",
            "ours.yaml": "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: x}\n",
            "nameless.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {}\n",
        }
    )
    assert found.resources == () and found.problems == () and found.clusters == ()


def test_one_bad_document_does_not_cost_the_next() -> None:
    found = load({"k/x.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n---\n" + POD})
    assert [each.name for each in found.resources] == ["p"]
    assert [(problem.code, problem.path) for problem in found.problems] == [("yaml-syntax", "k/x.yaml")]


def test_kinds_that_say_nothing_keep_their_name_only() -> None:
    resource = one("apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\nsubsets: []\n")
    assert plain(resource.get("metadata", "name")) == "e"
    unknown = resource.get("subsets")
    assert isinstance(unknown, Unknown) and unknown.symbol == "k8s//Endpoints/default/e: fields of Endpoints[subsets]"


def test_equal_addresses_are_told_apart() -> None:
    found = load({"k/a.yaml": POD, "k/b.yaml": f"{POD}---\n{POD}"})
    assert [each.address for each in found.resources] == ["Pod/default/p", "Pod/default/p@k/b.yaml", "Pod/default/p@k/b.yaml#2"]


def test_secrets_lose_their_values_and_keep_hosts() -> None:
    resource = one(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    team: a\n"
        '    kubectl.kubernetes.io/last-applied-configuration: \'{"stringData": "hunter2"}\'\n'
        "data: {token: aHVudGVyMg==}\nstringData:\n  password: hunter2\n  url: postgres://u:hunter2@db.x.eu-west-1.rds.amazonaws.com/shop\n"
    )
    assert "hunter2" not in repr(resource.attributes) and "aHVudGVyMg" not in repr(resource.attributes)
    assert plain(resource.get("stringData", "url")) == "db.x.eu-west-1.rds.amazonaws.com"
    assert plain(resource.get("stringData", "password")) is Reason.OUTSIDE_SCOPE
    assert plain(resource.get("data", "token")) is Reason.OUTSIDE_SCOPE
    assert plain(resource.get("metadata", "annotations", "team")) == "a"


def test_what_brings_more_objects_is_said_to_be_not_read() -> None:
    found = load(
        {
            "k/release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: shop\n",
            "k/kustomization.yaml": "resources: [release.yaml]\nnamespace: x\nvars: []\npatches:\n- path: patch.yaml\n",
            "k/patch.yaml": POD,
        }
    )
    assert [(each.what, each.why, str(each.span)) for each in found.not_read] == [
        (
            "k/kustomization.yaml",
            "vars of a kustomization are not applied; check the output of kustomize build",
            "k/kustomization.yaml:1:1",
        ),
        ("HelmRelease shop", "what Helm renders from it is not read; check the rendered manifests", "k/release.yaml:4:9"),
    ]
    assert [(each.name, each.address) for each in found.resources] == [("shop", "HelmRelease/x/shop")]


def names(*paths: str) -> list[tuple[str, str | None]]:
    found = assign(paths, ())
    return [(found[path].name, found[path].role) for path in paths]


def test_clusters_are_inferred_from_directories() -> None:
    assert names("k8s/primary/velero/a.yaml", "k8s/dr-cluster/a.yaml", "k8s/base/a.yaml", "a.yaml") == [
        ("primary", "primary"),
        ("dr-cluster", "dr"),
        ("k8s", None),
        ("cluster", None),
    ]
    assert names("clusters/tokyo/main/a.yaml", "overlays/standby/a.yaml") == [("tokyo", None), ("standby", "dr")]
    assert names("disaster-recovery/a.yaml", "src/main/a.yaml", "x/primary-dr/a.yaml") == [
        ("disaster-recovery", None),
        ("src", None),
        ("x", None),
    ]
    assert names("a/dr/x.yaml", "b/dr/x.yaml") == [("a/dr", "dr"), ("b/dr", "dr")]
    assert names("clusters/dr/x.yaml", "apps/dr/x.yaml") == [("dr", "dr"), ("dr", "dr")]


def test_declared_clusters_win_by_the_most_specific_glob() -> None:
    wide = ClusterDeclaration("all", NOWHERE, NOWHERE, ("k8s/**",))
    narrow = ClusterDeclaration("edge", NOWHERE, NOWHERE, ("k8s/*/edge",))
    found = assign(["k8s/a/edge/x.yaml", "k8s/a/x.yaml", "other/x.yaml"], (wide, narrow))
    assert [each.name for each in found.values()] == ["edge", "all", "other"]


def test_globs() -> None:
    assert (
        matches("k8s", "k8s/a/b.yaml")
        and matches("**/dr/**", "a/b/dr/c.yaml")
        and matches("k8s/*.yaml", "k8s/a.yaml")
        and matches(".", "a")
    )
    assert not matches("k8s/*.yaml", "k8s/a/b.yaml") and not matches("k8", "k8s/a.yaml") and not matches("k8s/a/b", "k8s/a")


@given(st.text(alphabet="*/?[a]", max_size=80), st.text(alphabet="a/", min_size=1, max_size=80))
def test_any_glob_is_decided(glob: str, path: str) -> None:
    assert matches(glob, path) in {True, False}


def test_role_and_region_are_inferred_and_said() -> None:
    (tree,) = load({"k/dr/vsl.yaml": vsl("ap-northeast-1")}).clusters
    assert (tree.name, tree.path, plain(tree.role), plain(tree.region)) == ("dr", "k/dr", "dr", "ap-northeast-1")
    assert [(each.text, str(each.span)) for each in tree.inferences] == [
        ("the manifests under k/dr are taken as one cluster, dr", "k/dr/vsl.yaml:1:1"),
        ("cluster dr is taken as dr, from the directory name dr", "k/dr/vsl.yaml:1:1"),
        ("cluster dr is in ap-northeast-1, inferred from the region of VolumeSnapshotLocation aws", "k/dr/vsl.yaml:4:50"),
    ]
    resource = load({"k/dr/vsl.yaml": vsl("ap-northeast-1")}).resources[0]
    assert plain(resource.region) == "ap-northeast-1"


def test_an_unknown_region_is_unknown_and_two_are_ambiguous() -> None:
    (tree,) = load({"k/a.yaml": SCHEDULE}).clusters
    assert isinstance(tree.region, Unknown) and (tree.region.reason, tree.region.symbol) == (Reason.OUTSIDE_SCOPE, "cluster:k.region")
    assert isinstance(tree.role, Unknown) and tree.role.symbol == "cluster:k.role"
    (tree,) = load({"k/a.yaml": f"{vsl('us-east-1', 'a')}---\n{vsl('us-west-2', 'b')}"}).clusters
    assert isinstance(tree.region, Unknown) and tree.region.reason is Reason.AMBIGUOUS
    assert [known.value for known in tree.region.among] == ["us-east-1", "us-west-2"]


def test_a_declared_region_and_role_stand() -> None:
    origin = Default("declared", "test")
    declared = ClusterDeclaration("seoul", Known("ap-northeast-2", origin), Known("primary", origin), ("k/**",))
    (tree,) = load({"k/dr/a.yaml": vsl("us-east-1")}, declared).clusters
    assert (tree.name, plain(tree.region), plain(tree.role), tree.inferences) == ("seoul", "ap-northeast-2", "primary", ())


@given(st.text(alphabet="apiVersonkdmt: v1\n-{}[]&*!|>'\"#$", max_size=120))
def test_any_file_is_read_without_failure(text: str) -> None:
    files = {
        "k/x.yaml": f"apiVersion: v1\nkind: Pod\n{text}",
        "k/kustomization.yaml": text,
        "k/y.json": f'{{"apiVersion": "v1", "kind": {text}',
    }
    assert isinstance(load_manifests(Sources(MemoryTree(files)), sorted(files), ()).resources, tuple)


def test_of_an_object_that_says_nothing_about_recovery_only_the_name_is_read() -> None:
    other = "apiVersion: example.com/v1\nkind: Rule\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  rules: [a: b: c\n"
    backup = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\nspec: {schedule: '0 3 * * *'}\n"
    estate = load({"all.yaml": f"{other}---\n{backup}"})
    assert [(each.address, each.span.start.line) for each in estate.resources] == [("Rule/shop/web", 4), ("Schedule/velero/daily", 11)]
    assert estate.problems == ()
    assert estate.resources[0].extent.end.line == 7
    assert isinstance(estate.resources[0].get("spec"), Unknown)


def test_an_object_whose_beginning_is_not_whole_is_read_to_its_end() -> None:
    text = 'apiVersion: scheduling.k8s.io/v1\nkind: Preference\nmetadata:\n  annotations: {a: "b\nspec: c"}\n  name: web\nspec: {}\n'
    estate = load({"all.yaml": text})
    assert [each.address for each in estate.resources] == ["Preference/default/web"]
    assert estate.problems == ()
