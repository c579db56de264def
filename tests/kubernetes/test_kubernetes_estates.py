"""What manifests, and the records of Terraform beside them, come to in the estate."""

from __future__ import annotations

from datetime import date

import pytest
from kubernetes_fixtures import plain, why

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.reasons import Reason
from drpolicy.model.services import Endpoint
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Object
from drpolicy.recovery.build import build_estate
from drpolicy.recovery.logic import truth_of
from drpolicy.sources.trees import MemoryTree

CONFIG = """\
apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: primary, region: eu-west-1, role: primary, paths: ["clusters/primary/**"]}
  - {name: dr, region: eu-central-1, role: dr, paths: ["clusters/dr/**"]}
"""
HOST = "orders.abc.eu-west-1.rds.amazonaws.com"
SCHEDULE = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\nspec:\n  schedule: '@daily'\n"
CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec: {storageClassName: gp3}\n"
BACKUP = "apiVersion: velero.io/v1\nkind: Backup\nmetadata: {name: once, namespace: velero}\nspec: {includedNamespaces: [shop]}\n"


def estate(files: dict[str, str]) -> Estate:
    found = read_tree(MemoryTree({"drpolicy.yaml": CONFIG, **files}))
    return build_estate(found.inputs, built_in_catalog(), date(2026, 11, 1))


def config_map(value: str, key: str = "DB_HOST") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: database, namespace: shop}}\ndata:\n  {key}: {value}\n"


def secret(field: str, value: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: database, namespace: shop}}\n{field}:\n  DB_HOST: {value}\n"


def endpoint(written: str, **more: str) -> Endpoint:
    files = {"clusters/primary/shop.yaml": written}
    files.update({f"clusters/{name}/more.yaml": text for name, text in more.items()})
    (found,) = estate(files).endpoints
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("orders.db.example.com", True),
        ("orders.def.eu-central-1.rds.amazonaws.com", True),
        ("orders.def.eu-west-1.rds.amazonaws.com", False),
        (HOST, False),
        (f"{HOST}:5432", False),
        ("${DB_HOST}", Reason.TEMPLATE_PLACEHOLDER),
        ("orders.abc.${REGION}.rds.amazonaws.com", Reason.TEMPLATE_PLACEHOLDER),
    ],
)
def test_another_value_on_a_dr_cluster_overrides_a_host(value: str, expected: object) -> None:
    assert plain(endpoint(config_map(HOST), dr=config_map(f'"{value}"')).overridden) is expected


def test_another_key_or_another_object_overrides_nothing() -> None:
    other = config_map("orders.db.example.com", "OTHER")
    assert plain(endpoint(config_map(HOST), dr=other).overridden) is False
    assert plain(endpoint(config_map(HOST), dr=config_map("a.example.com").replace("namespace: shop", "namespace: x")).overridden) is False
    assert plain(endpoint(config_map(HOST), dr=CLAIM).overridden) is False


@pytest.mark.parametrize(("field", "value"), [("data", "b3JkZXJz"), ("stringData", "orders.db.example.com")])
def test_what_a_secret_on_a_dr_cluster_holds_is_not_known(field: str, value: str) -> None:
    assert plain(endpoint(secret("stringData", HOST), dr=secret(field, value)).overridden) is Reason.OUTSIDE_SCOPE


@pytest.mark.parametrize(
    "host", ["orders.abc.${REGION}.rds.amazonaws.com", "orders.abc.$(REGION).rds.amazonaws.com", "$H.rds.amazonaws.com"]
)
def test_a_host_whose_region_is_a_placeholder_may_be_regional(host: str) -> None:
    found = endpoint(config_map(f'"{host}"'))
    assert (plain(found.regional), plain(found.host), plain(found.region)) == (Reason.TEMPLATE_PLACEHOLDER,) * 3


def test_a_host_between_tags_is_no_placeholder() -> None:
    assert plain(endpoint(config_map(f'"<h>{HOST}</h>"')).host) == HOST


@pytest.mark.parametrize(
    ("velero", "expected"),
    [
        ("  template: {includedNamespaces: [shop]}\n", True),
        ("  template: {}\n", True),
        ("  template: {includedNamespaces: [other]}\n", Reason.OUTSIDE_SCOPE),
        ("  template: {excludedNamespaces: [shop]}\n", Reason.OUTSIDE_SCOPE),
        ("  template: {excludedResources: [configmaps]}\n", Reason.OUTSIDE_SCOPE),
        ("  template: {includedResources: [persistentvolumeclaims]}\n", Reason.OUTSIDE_SCOPE),
        ("  template: {includedResources: ['*']}\n", True),
        ("  template: {labelSelector: {matchLabels: {a: b}}}\n", Reason.OUTSIDE_SCOPE),
        ("  template: {includedNamespaces: ['${NS}']}\n", Reason.OUTSIDE_SCOPE),
    ],
)
def test_a_host_is_restored_when_a_backup_in_the_files_holds_it(velero: str, expected: object) -> None:
    assert plain(endpoint(config_map(HOST), primary=SCHEDULE + velero).restored) is expected


def test_without_a_backup_in_the_files_it_is_not_known_whether_a_host_is_restored() -> None:
    found = endpoint(config_map(HOST))
    assert (plain(found.restored), found.attributes.fields) == (Reason.OUTSIDE_SCOPE, {})
    standby = endpoint(config_map(HOST), dr=CLAIM).attributes
    assert isinstance(standby, Object) and [each.value for each in standby.fields["standby"].value if isinstance(each, Known)] == ["dr"]


@pytest.mark.parametrize(
    ("ttl", "problem"),
    [
        ("7d", ": ttl 7d is not a Go duration; write 168h"),
        ("2w", ": ttl 2w is not a Go duration; write 336h"),
        ("forever", ": ttl forever is not a Go duration; write hours, such as 168h"),
        ("168h", ""),
        ("1h30m", ""),
    ],
)
def test_a_retention_that_is_no_go_duration_breaks_a_schedule(ttl: str, problem: str) -> None:
    (found,) = estate({"clusters/primary/a.yaml": f"{SCHEDULE}  template: {{ttl: {ttl}}}\n"}).schedules
    assert (plain(found.valid), found.problem) == (not problem, problem)


def test_a_retention_that_is_filled_in_elsewhere_says_nothing_of_the_schedule() -> None:
    (found,) = estate({"clusters/primary/a.yaml": SCHEDULE + "  template: {ttl: '${TTL}'}\n"}).schedules
    assert (plain(found.valid), found.problem) == (True, "")


HELM = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: backups}\nspec:\n  chart: {spec: {chart: velero}}\n"
    "  valuesFrom: [{kind: Secret, name: elsewhere}]\n"
)
ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: b}\nspec: {source: {path: charts/velero}}\n"
KUSTOMIZE = "resources: [a.yaml, 'https://example.com/velero.yaml']\n"


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        (
            "clusters/primary/velero.yaml",
            HELM,
            "HelmRelease backups: the values of Velero's chart are not known; check the rendered manifests",
        ),
        (
            "clusters/primary/velero.yaml",
            ARGO,
            "Application b: what Argo CD renders from it is not read; check the rendered manifests",
        ),
        (
            "clusters/primary/kustomization.yaml",
            KUSTOMIZE,
            "clusters/primary/kustomization.yaml: https://example.com/velero.yaml is not in the files",
        ),
    ],
)
def test_velero_of_a_chart_leaves_its_schedules_open(path: str, text: str, what: str) -> None:
    found = estate({"clusters/primary/a.yaml": f"{BACKUP}---\n{CLAIM}", path: text})
    (cluster,) = found.clusters
    assert cluster.schedules.rest is not None
    assert cluster.schedules.rest.symbol == f"Schedule from {what}"
    assert (cluster.schedules.rest.reason, truth_of(cluster.has_velero)) == (Reason.OUTSIDE_SCOPE, Truth.TRUE)
    (store,) = found.stores
    possible = [each for each in store.protections.elements if each.value.mechanism == "velero-schedule"]
    assert [(each.presence, each.why) for each in possible] == [(Truth.UNKNOWN, cluster.schedules.rest)]
    once = next(each.value for each in store.protections.elements if each.value.mechanism == "velero-manual-backup")
    assert plain(once.works) is Reason.OUTSIDE_SCOPE


def test_another_chart_leaves_nothing_open() -> None:
    other = HELM.replace("chart: velero", "chart: ingress")
    found = estate({"clusters/primary/a.yaml": f"{BACKUP}---\n{CLAIM}---\n{other}", "clusters/dr/a.yaml": HELM})
    cluster = next(each for each in found.clusters if each.name == "primary")
    assert cluster.schedules.rest is None
    (store,) = found.stores
    assert [each.mechanism for each in store.protections] == ["velero-manual-backup"]


def restore_job(schedule: str, kind: str = "CronJob") -> str:
    pod = (
        "template: {metadata: {annotations: {drpolicy.dev/image-tools: 'sh velero kubectl'}}, spec: {serviceAccountName: default, "
        "containers: [{name: c, image: x, command: [sh, -c, 'velero restore create t-$(date +%s) --from-schedule d --wait']}]}}"
    )
    spec = f"{{{schedule}jobTemplate: {{spec: {{{pod}}}}}}}" if kind == "CronJob" else f"{{{pod}}}"
    return f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: t, namespace: velero}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("schedule", "expected", "reason"),
    [
        ("schedule: '0 3 * * 0', ", True, "written"),
        ("schedule: '0 3 30 2 *', ", False, "no date matches it"),
        ("", False, "no schedule is written"),
        ("schedule: '${CRON}', ", Reason.TEMPLATE_PLACEHOLDER, "written"),
        ("schedule: '0 3 * * 0', timeZone: '${ZONE}', ", Reason.TEMPLATE_PLACEHOLDER, "written"),
    ],
)
def test_a_restore_test_that_never_fires_proves_nothing(schedule: str, expected: object, reason: str) -> None:
    (found,) = estate({"clusters/primary/a.yaml": restore_job(schedule)}).restore_tests
    assert (plain(found.fires), why(found.fires)) == (expected, reason)
    assert isinstance(found.gap, Known) is (expected is True)
    assert plain(found.sound) is False


@pytest.mark.parametrize("cron", ["0 25 * * 0", "often", "0 3 * *"])
def test_a_schedule_that_cannot_be_parsed_never_fires(cron: str) -> None:
    (found,) = estate({"clusters/primary/a.yaml": restore_job(f"schedule: '{cron}', ")}).restore_tests
    assert (plain(found.fires), isinstance(found.gap, Known)) == (False, False)


def test_a_job_fires_once() -> None:
    (found,) = estate({"clusters/primary/a.yaml": restore_job("", "Job")}).restore_tests
    assert (plain(found.fires), plain(found.gap)) == (True, None)


def record(name: str, kind: str, zone: str = '"Z1"', more: str = "", type_: str = "CNAME") -> str:
    return (
        f'resource "aws_route53_record" "{name}" {{\n  zone_id = {zone}\n  name = "shop.example.com"\n  type = "{type_}"\n'
        f'  set_identifier = "{name}"\n  {more}\n  failover_routing_policy {{\n    type = {kind}\n  }}\n}}\n'
    )


HEAD = 'provider "aws" {\n  region = "eu-west-1"\n}\nvariable "v" {}\n'
ZONES = 'resource "aws_route53_zone" "a" {\n  name = "a"\n}\nresource "aws_route53_zone" "b" {\n  name = "b"\n}\n'
PRIMARY, SECONDARY = '"PRIMARY"', '"SECONDARY"'
CHECK = 'health_check_id = "x"'


@pytest.mark.parametrize(
    ("one", "other", "failover"),
    [
        (record("p", PRIMARY), record("s", SECONDARY), Truth.TRUE),
        (record("p", PRIMARY), record("s", SECONDARY, '"Z2"'), Truth.FALSE),
        (record("p", PRIMARY), record("s", SECONDARY, type_="A"), Truth.FALSE),
        (record("p", PRIMARY), record("s", SECONDARY, "var.v"), Truth.UNKNOWN),
        (record("p", PRIMARY, "var.v"), record("s", SECONDARY, "var.v"), Truth.TRUE),
        (record("p", PRIMARY, "aws_route53_zone.a.zone_id"), record("s", SECONDARY, "aws_route53_zone.a.id"), Truth.TRUE),
        (record("p", PRIMARY, "aws_route53_zone.a.zone_id"), record("s", SECONDARY, "aws_route53_zone.b.zone_id"), Truth.FALSE),
        (record("p", PRIMARY), record("s", SECONDARY, more="count = var.v"), Truth.UNKNOWN),
        (record("p", PRIMARY), record("s", "var.v"), Truth.UNKNOWN),
        (record("p", PRIMARY), record("s", SECONDARY).replace("shop.", "web."), Truth.FALSE),
        (record("p", PRIMARY), record("s", SECONDARY).replace("shop.example.com", "Shop.example.com."), Truth.TRUE),
        (record("p", PRIMARY), "", Truth.FALSE),
    ],
)
def test_the_partner_of_a_failover_record(one: str, other: str, failover: Truth) -> None:
    found = next(each for each in estate({"main.tf": HEAD + ZONES + one + other}).endpoints if each.address.endswith(".p"))
    assert truth_of(found.failover) is failover
    assert ("no SECONDARY partner" in found.lacks) is (failover is Truth.FALSE)


@pytest.mark.parametrize(("more", "checked"), [("", Truth.UNKNOWN), (CHECK, Truth.TRUE)])
def test_of_a_record_that_may_be_a_primary_one_nothing_is_concluded(more: str, checked: Truth) -> None:
    (found,) = estate({"main.tf": HEAD + record("p", "var.v", more=more)}).endpoints
    assert (truth_of(found.failover), truth_of(found.health_checked), found.lacks) == (Truth.UNKNOWN, checked, "")
