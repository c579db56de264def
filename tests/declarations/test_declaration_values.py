from __future__ import annotations

from datetime import date

import pytest
from declaration_texts import EVIDENCE, MINIMAL, PROTECTION, SERVICE, read, with_fault

from drpolicy.declarations.load import is_declaration, load_declarations
from drpolicy.model.durations import Duration
from drpolicy.model.provenance import Default, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Members, Unknown, Value


def at(value: Value[object]) -> tuple[object, str, str]:
    """Return a known value, where it is written, and the text there."""
    assert isinstance(value, Known), value
    span = written_at(value.origin)
    assert span is not None
    return value.value, str(span), span.text


def absent_at(value: Value[object]) -> tuple[str, str]:
    assert isinstance(value, Absent), value
    span = written_at(value.origin)
    assert span is not None
    return str(span), span.text


def test_a_service_keeps_the_place_of_every_value() -> None:
    (service,) = load_declarations(read(SERVICE)).services
    assert service.name == "orders"
    assert (str(service.span), service.span.text) == ("service.yaml:4:9", "orders")
    assert (service.extent.start, service.extent.text.startswith("apiVersion")) == ((1, 1), True)
    assert at(service.labels["domain"]) == ("commerce", "service.yaml:5:20", "commerce")
    assert at(service.owner) == ("team-orders", "service.yaml:8:11", "team-orders")
    (contact,) = service.contacts
    assert at(contact.role) == ("incident commander", "service.yaml:10:16", "incident commander")
    assert at(contact.rota)[0] == "https://rota.example.com/orders"
    assert at(service.environment)[1] == "service.yaml:11:16"
    assert at(service.tier) == ("critical", "service.yaml:12:9", "critical")
    assert at(service.strategy) == ("pilot-light", "service.yaml:16:13", "pilot-light")
    assert at(service.primary_region) == ("ap-northeast-2", "service.yaml:17:22", "ap-northeast-2")
    assert [at(each) for each in service.dr_regions] == [("ap-northeast-1", "service.yaml:17:43", "ap-northeast-1")]
    assert at(service.primary_cluster) == ("prod-seoul", "service.yaml:21:23", "prod-seoul")
    assert [at(each) for each in service.dr_clusters] == [("prod-tokyo", "service.yaml:21:40", "prod-tokyo")]
    assert at(service.runbook) == ("docs/orders.md", "service.yaml:22:19", "docs/orders.md")
    assert at(service.runbook_reviewed) == (date(2026, 9, 30), "service.yaml:22:49", "2026-09-30")
    assert at(service.test_max_age) == (Duration(31 * 86400), "service.yaml:26:21", "31d")


def test_objectives_name_their_disruption_and_miss_what_is_not_written() -> None:
    (service,) = load_declarations(read(SERVICE)).services
    region, corruption = service.objectives
    assert (region.disruption, str(region.span), region.span.text) == ("region", "service.yaml:14:5", "region")
    assert at(region.rto) == (Duration(3600), "service.yaml:14:19", "1h")
    assert at(region.rpo) == (Duration(900), "service.yaml:14:28", "15m")
    assert at(corruption.rpo) == (Duration(3600), "service.yaml:15:23", "PT1H")
    assert absent_at(corruption.rto) == ("service.yaml:15:5", "corruption")


def test_store_references_point_at_the_reference() -> None:
    (service,) = load_declarations(read(SERVICE)).services
    database, volumes = service.stores
    assert at(database.name)[0] == "orders-db"
    assert at(database.data_class)[0] == "system-of-record"
    assert at(database.text) == ("envs/prod//aws_db_instance.primary", "service.yaml:19:55", "envs/prod//aws_db_instance.primary")
    assert database.span.text == "envs/prod//aws_db_instance.primary"
    assert isinstance(database.cluster, Absent)
    assert (at(volumes.cluster)[0], at(volumes.namespace)[0]) == ("prod-seoul", "production")
    assert (str(volumes.span), volumes.span.text) == ("service.yaml:20:7", "kubernetes")
    assert isinstance(volumes.text, Absent)


def test_a_dependency_is_hard_unless_it_says_otherwise() -> None:
    (service,) = load_declarations(read(SERVICE)).services
    payments, mail = service.dependencies
    assert isinstance(payments.kind, Known)
    assert payments.kind.value == "hard"
    assert isinstance(payments.kind.origin, Default)
    assert at(mail.kind) == ("soft", "service.yaml:25:29", "soft")


def test_what_a_minimal_service_leaves_out_stands_at_its_name() -> None:
    (service,) = load_declarations(read(MINIMAL)).services
    assert at(service.owner) == ("team-web", "service.yaml:4:15", "team-web")
    assert service.stores == Members()
    for value in (service.tier, service.strategy, service.primary_region, service.runbook, service.test_max_age, service.environment):
        assert absent_at(value) == ("service.yaml:3:18", "pages")
    assert service.objectives == Members()


def test_evidence_of_a_machine_is_recorded() -> None:
    (record,) = load_declarations(read(EVIDENCE)).evidence
    assert at(record.service) == ("orders", "service.yaml:5:12", "orders")
    assert at(record.date) == (date(2026, 10, 20), "service.yaml:7:9", "2026-10-20")
    assert (at(record.passed)[0], at(record.application)[0], at(record.integrity)[0]) == (True, True, False)
    assert at(record.integrity)[1:] == ("service.yaml:13:14", "failed")
    assert (at(record.measured_rto)[0], at(record.measured_rpo)[0]) == (Duration(2880), Duration(360))
    assert record.grade == "recorded"
    assert at(record.job)[0] == "https://ci.example.com/jobs/4711"
    (artefact,) = record.artefacts
    assert at(artefact.path) == ("evidence/run.json", "service.yaml:17:16", "evidence/run.json")
    assert at(record.approver)[0] == "head of operations"
    assert [at(each)[0] for each in record.stores] == ["orders-db"]


RECORDED_BY = EVIDENCE[EVIDENCE.index("  recordedBy:") : EVIDENCE.index("  approver:")]


@pytest.mark.parametrize(
    ("recorded_by", "grade"),
    [
        ("", "attested"),
        ("  recordedBy: {job: '4711'}\n", "recorded"),
        ("  recordedBy: {job: '${CI_JOB_ID}'}\n", "attested"),
        ("  recordedBy: ${WHO}\n", "attested"),
        (f"  recordedBy: {{artefacts: [{{path: a.json, sha256: {'a' * 64}}}]}}\n", "recorded"),
        ("  recordedBy: {artefacts: [{path: a.json, sha256: '${SHA}'}]}\n", "attested"),
    ],
)
def test_only_a_named_job_or_a_hashed_artefact_makes_a_record(recorded_by: str, grade: str) -> None:
    (record,) = load_declarations(read(with_fault(EVIDENCE, RECORDED_BY, recorded_by))).evidence
    assert record.grade == grade


def test_a_failover_rehearses_the_loss_of_a_region() -> None:
    (record,) = load_declarations(read(EVIDENCE)).evidence
    assert isinstance(record.disruption, Known)
    assert record.disruption.value == "region"
    assert isinstance(record.disruption.origin, Default)
    (restore,) = load_declarations(read(with_fault(EVIDENCE, "kind: failover", "kind: restore"))).evidence
    assert isinstance(restore.disruption, Absent)
    (unclear,) = load_declarations(read(with_fault(EVIDENCE, "kind: failover", "kind: ${KIND}"))).evidence
    assert isinstance(unclear.disruption, Unknown)
    (written,) = load_declarations(read(with_fault(EVIDENCE, "kind: failover", "kind: failover\n  disruption: az"))).evidence
    assert at(written.disruption) == ("az", "service.yaml:7:15", "az")


def test_a_protection_managed_elsewhere() -> None:
    (protection,) = load_declarations(read(PROTECTION)).protections
    assert [at(each) for each in protection.references] == [("aws_db_instance.primary", "service.yaml:5:19", "aws_db_instance.primary")]
    assert [at(each)[0] for each in protection.types] == ["aws_efs_file_system"]
    assert at(protection.account) == ("123456789012", "service.yaml:8:12", '"123456789012"')
    assert (at(protection.gap)[0], at(protection.retention)[0]) == (Duration(86400), Duration(35 * 86400))
    assert at(protection.reviewed_until) == (date(2027, 3, 31), "service.yaml:12:18", "2027-03-31")
    assert at(protection.mechanism)[0] == "aws-backup"
    assert at(protection.region)[0] == "ap-northeast-1"
    assert at(protection.owner)[0] == "team-platform"


def test_a_placeholder_is_unknown_and_costs_nothing_else() -> None:
    text = with_fault(with_fault(SERVICE, "tier: critical", "tier: ${TIER}"), "rto: 1h", "rto: '{{ .Values.rto }}'")
    text = with_fault(text, "dr: [ap-northeast-1]", "dr: '${DR}'")
    declared = load_declarations(read(text))
    assert declared.diagnostics == ()
    (service,) = declared.services
    assert isinstance(service.tier, Unknown)
    assert service.tier.reason is Reason.TEMPLATE_PLACEHOLDER
    assert str(written_at(service.tier.origin)) == "service.yaml:12:9"
    region = next(iter(service.objectives))
    assert isinstance(region.rto, Unknown)
    assert at(region.rpo)[0] == Duration(900)
    assert service.dr_regions.elements == ()
    assert isinstance(service.dr_regions.rest, Unknown)
    assert at(service.primary_region)[0] == "ap-northeast-2"


def test_whole_sections_may_be_placeholders() -> None:
    declared = load_declarations(read(MINIMAL.replace("{owner: team-web, stores: []}", "${SPEC}")))
    assert declared.diagnostics == ()
    (service,) = declared.services
    assert isinstance(service.owner, Unknown)
    assert isinstance(service.stores.rest, Unknown)
    assert isinstance(service.objectives.rest, Unknown)
    assert isinstance(service.contacts.rest, Unknown)


def test_fields_that_a_placeholder_may_bring_are_not_missing() -> None:
    text = "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ${REST}: x\n  stores:\n    - {'${K}': v}\n"
    declared = load_declarations(read(text))
    assert declared.diagnostics == ()
    (service,) = declared.services
    assert isinstance(service.owner, Unknown)
    (store,) = service.stores
    assert isinstance(store.text, Unknown)


def test_values_behind_aliases_and_merges_keep_their_places() -> None:
    text = SERVICE.replace("region: {rto: 1h, rpo: 15m}", "region: &o {rto: 1h, rpo: 15m}").replace(
        "corruption: {rpo: PT1H}", "az: *o\n    account: {<<: *o, rto: 2h}"
    )
    (service,) = load_declarations(read(text)).services
    region, az, account = service.objectives
    assert at(az.rto) == at(region.rto) == (Duration(3600), "service.yaml:14:22", "1h")
    assert (at(account.rto)[0], at(account.rpo)[1]) == (Duration(7200), "service.yaml:14:31")


def test_documents_of_others_are_passed_over() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {drpolicy.dev/ignore: x}}\n---\n[1, 2]\n---\njust text\n"
    text += "---\napiVersion: drpolicy.dev/v1\nkind: Policy\n---\napiVersion: drpolicy.dev/v1\nkind: Config\n"
    text += "---\napiVersion: ${V}\nkind: Service\n"
    declared = load_declarations(read(text))
    assert (declared.services, declared.evidence, declared.protections, declared.diagnostics) == ((), (), (), ())


def test_documents_of_several_kinds_in_one_file() -> None:
    declared = load_declarations(read("---\n".join((SERVICE, EVIDENCE, PROTECTION, MINIMAL))))
    assert [each.name for each in declared.services] == ["orders", "pages"]
    assert [each.name for each in declared.evidence] == ["orders-2026-10"]
    assert [each.name for each in declared.protections] == ["central-backup"]
    assert [str(each.span) for each in declared.services] == ["service.yaml:4:9", "service.yaml:62:18"]
    assert isinstance(declared.services[0].owner.origin, Written)


def test_recognition_is_by_the_group() -> None:
    assert is_declaration(SERVICE)
    assert is_declaration("metadata: {annotations: {drpolicy.dev/ignore: …}}")
    assert not is_declaration("apiVersion: v1\nkind: Service\n# drpolicy: nothing\n")


def test_services_that_nobody_answers_for_are_one_warning_at_the_first() -> None:
    texts = [MINIMAL.replace("team-web", "unassigned").replace("pages", name) for name in ("a", "b", "c")]
    for count, said in ((1, "a"), (2, "a and 1 more service"), (3, "a and 2 more services")):
        declared = load_declarations([document for text in texts[:count] for document in read(text)])
        (warning,) = declared.diagnostics
        assert (warning.level, warning.code, warning.effect) == ("warning", "owner-unassigned", "none")
        assert warning.message == f"nobody answers for the recovery of {said}: name its owner"
        assert warning.span is not None
        assert warning.span.text == "unassigned"
