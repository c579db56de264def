from __future__ import annotations

import pytest
from reports import AUDITED, DATABASES, EMPTY, EXAMPLE, MEDIA, REGION, evidence, finding, question, reach, span, target

from drpolicy.model.findings import Finding, Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.reporters import sentences
from drpolicy.reporters.controls import controls, sentence
from drpolicy.reporters.modules import addresses, by_source
from drpolicy.reporters.objectives import achievable, recovery_table
from drpolicy.reporters.printable import Excerpt, excerpt, one_line, several_lines
from drpolicy.reporters.questions import BRIEFLY, questions
from drpolicy.reporters.remedies import remedy_parts, smallest_remedy
from drpolicy.reporters.sections import causes, counts, failures, failures_by_service, left_to_audits, telling, waived

HERE = span(DATABASES, "multi_az")


def fail(policy: str, **more: object) -> object:
    return finding(policy, Verdict.FAIL, HERE, policy, **more)


def test_failures_of_one_cause_are_one() -> None:
    found = failures(AUDITED)
    assert [cause.finding.policy for cause in found] == [
        "no-copy-outside-region",
        "location-reads-failed-region",
        "automatic-backup-off",
        "restore-test-cannot-fail",
        "stale-drill",
        "objectives-missing",
        "no-copy-outside-region",
    ]
    assert [other.subject.kind for other in found[0].others] == ["Service"]
    assert not found[-1].finding.gated


def test_what_depends_on_the_date_is_left_to_audits() -> None:
    assert [each.policy for each in left_to_audits(EXAMPLE)] == ["stale-drill"]
    assert left_to_audits(AUDITED) == ()
    assert [each for each in failures(AUDITED) if each not in failures(EXAMPLE)] == [
        each for each in failures(AUDITED) if each.finding.policy == "stale-drill"
    ]
    tally = counts(EXAMPLE)
    assert (tally.failed, tally.calendar) == (counts(AUDITED).failed - 1, 1)
    assert sentences.by_calendar(EXAMPLE) == "1 finding depends on the calendar and does not count here: drpolicy audit"
    assert sentences.by_calendar(AUDITED) is None
    twice = replace(EXAMPLE, findings=(*EXAMPLE.findings, *left_to_audits(EXAMPLE)))
    assert sentences.by_calendar(twice) == "2 findings depend on the calendar and do not count here: drpolicy audit"


def test_failures_without_a_cause_stay_apart() -> None:
    one, two = (finding("p", Verdict.FAIL, HERE, "m", name=name) for name in ("a", "b"))
    assert [cause.finding.subject.name for cause in causes((one, two))] == ["a", "b"]


def blamed(policy: str, place: str, *because: str, **more: object) -> Finding:
    """Return a failure at one word of a file, whose evidence is at others."""
    reasons = tuple(evidence("said", span(DATABASES, word)) for word in because)
    more = {"cause": place, "name": policy, **more}
    return finding(policy, Verdict.FAIL, span(DATABASES, place), policy, evidence=reasons, **more)


def grouped(*findings: Finding) -> list[list[str]]:
    return [[each.policy for each in (cause.finding, *cause.others)] for cause in causes(findings)]


def test_a_failure_whose_evidence_is_the_place_of_another_follows_from_it() -> None:
    paused, missed, late = blamed("paused", "multi_az"), blamed("missed", "hash_key", "multi_az"), blamed("late", "name", "hash_key")
    assert grouped(late, missed, paused) == [["paused", "late", "missed"]]
    assert grouped(missed) == [["missed"]]


def test_nothing_is_hidden_behind_what_counts_for_less() -> None:
    missed = blamed("missed", "hash_key", "multi_az")
    assert grouped(missed, blamed("p", "multi_az", severity="low")) == [["missed"], ["p"]]
    assert grouped(missed, blamed("p", "multi_az", gated=False)) == [["missed"], ["p"]]
    assert grouped(missed, blamed("p", "multi_az", witness="observed")) == [["missed"], ["p"]]
    assert grouped(missed, blamed("p", "multi_az", calendar=True)) == [["missed"], ["p"]]


def test_what_a_deployment_misses_at_the_head_of_a_block_explains_nothing_else() -> None:
    header = 'resource "aws_dynamodb_table" "orders" {'
    missed = blamed("missed", "hash_key", header)
    assert grouped(missed, blamed("p", header)) == [["p", "missed"]]
    assert grouped(missed, blamed("p", header, kind="Deployment")) == [["missed"], ["p"]]
    assert grouped(blamed("missed", "hash_key", "name"), blamed("p", "name", kind="Deployment")) == [["p", "missed"]]


def test_of_one_block_only_what_rests_on_the_same_fact_follows_from_what_stands_at_its_head() -> None:
    header = 'resource "aws_dynamodb_table" "orders" {'
    fact, other = evidence("no copy", span(DATABASES, header)), evidence("a default", span(DATABASES, header))
    missed = replace(blamed("missed", header, name="orders"), evidence=(fact,))
    later = blamed("later", "hash_key", name="orders")
    assert grouped(missed, replace(later, evidence=(other,))) == [["missed"], ["later"]]
    assert grouped(missed, replace(later, evidence=(other, fact))) == [["missed", "later"]]
    assert grouped(missed, replace(blamed("later", "hash_key", name="checkout"), evidence=(other,))) == [["missed", "later"]]


def test_failures_that_lead_to_each_other_are_one() -> None:
    assert grouped(blamed("a", "multi_az", "hash_key"), blamed("b", "hash_key", "multi_az")) == [["b", "a"]]


def test_failures_of_one_place_and_different_causes_stay_apart() -> None:
    assert grouped(blamed("a", "multi_az", "multi_az"), blamed("b", "multi_az", "multi_az", cause="other")) == [["a"], ["b"]]


def test_what_can_be_repaired_comes_before_what_a_service_misses_and_the_cause_of_most_first() -> None:
    found = (
        blamed("service", "multi_az", kind="Service"),
        blamed("one", "hash_key"),
        blamed("two", "name"),
        blamed("more", "name", cause="name"),
        blamed("calendar", "skip_final_snapshot", calendar=True),
        blamed("worse", "identifier", kind="Service", severity="critical"),
    )
    assert grouped(*found) == [["worse"], ["two", "more"], ["one"], ["service"], ["calendar"]]


def test_others_stand_here_or_elsewhere() -> None:
    (cause,) = causes((blamed("a", "multi_az"), blamed("b", "multi_az", cause="multi_az"), blamed("c", "name", cause="multi_az")))
    assert [[each.policy for each in others] for others in (cause.here, cause.elsewhere)] == [["b"], ["c"]]


def test_evidence_that_repeats_the_line_is_not_telling() -> None:
    said = ("paused: yes", "retention is 12h", "can fail: no, it ends in kubectl", "sole owner: switched off")
    base = finding("p", Verdict.FAIL, HERE, "m", evidence=tuple(evidence(each, HERE) for each in said))
    assert [each.text for each in telling(base)] == ["can fail: no, it ends in kubectl", "sole owner: switched off"]
    elsewhere = replace(base, span=span(DATABASES, "hash_key"))
    assert telling(elsewhere) == base.evidence


def test_questions_come_by_what_they_settle() -> None:
    extra = finding("stale-drill", Verdict.UNKNOWN, HERE, "m", unknowns=(REGION, REGION))
    asked = questions(replace(EXAMPLE, findings=(*EXAMPLE.findings, extra)))
    assert [(each.what, len(each.findings), each.reason) for each in asked] == [
        ("var.region", 3, "variable not set"),
        ("module rds", 2, "module not on disk"),
    ]


def test_a_question_names_its_deployment_apart() -> None:
    names = ("envs/prod:var.region", "envs/prod//aws_db_instance.a[*].arn", "var.region", "schedule 'x': bad", "a.yaml:${X}")
    found = (finding("p", Verdict.UNKNOWN, HERE, "m", name=name, unknowns=(question(name, Reason.COMPUTED, HERE),)) for name in names)
    asked = questions(replace(EXAMPLE, findings=tuple(found)))
    assert {(each.what, each.where) for each in asked} == {
        ("var.region", "envs/prod"),
        ("aws_db_instance.a[*].arn", "envs/prod"),
        ("var.region", ""),
        ("schedule 'x': bad", ""),
        ("a.yaml:${X}", ""),
    }


def test_a_question_is_one_wherever_it_was_met() -> None:
    places = (span(DATABASES, "multi_az"), span(MEDIA, "bucket"))
    found = tuple(
        finding(f"p{at}", Verdict.UNKNOWN, place, "m", unknowns=(question("var.x", Reason.COMPUTED, place),))
        for at, place in enumerate((*places, places[0]))
    )
    (asked,) = questions(replace(EXAMPLE, findings=(*found, replace(found[0], fingerprint="other"))))
    assert (asked.what, len(asked.findings), asked.policies) == ("var.x", 4, 3)


def test_every_reason_has_few_words() -> None:
    assert set(BRIEFLY) == set(Reason)
    assert max(map(len, BRIEFLY.values())) <= 25


def test_an_undecided_finding_without_a_reason_is_not_lost() -> None:
    asked = questions(replace(EXAMPLE, findings=(finding("p", Verdict.UNKNOWN, HERE, "nobody knows"),)))
    assert [(each.what, each.reason, each.settle) for each in asked] == [("nobody knows", "not decided", "run drpolicy explain p")]


def test_a_waived_finding_is_neither_failure_nor_question() -> None:
    assert [each.subject.name for each in waived(EXAMPLE)] == ["primary"]
    assert all(cause.finding.waiver is None and all(other.waiver is None for other in cause.others) for cause in failures(AUDITED))


def test_failures_are_tied_to_services_by_subject_store_and_cause() -> None:
    found = {section.service.name if section.service else None: section.causes for section in failures_by_service(AUDITED)}
    assert {name: [cause.finding.subject.name for cause in each] for name, each in found.items()} == {
        "orders": ["orders", "orders"],
        "billing": ["reporting"],
        "catalog": ["catalog"],
        None: ["default", "dr-test", "lib"],
    }
    assert found["billing"][0].services == ("billing", "orders")


def test_a_cause_is_shown_with_one_service_only() -> None:
    shown = [cause.finding.fingerprint for section in failures_by_service(AUDITED) for cause in section.causes]
    assert len(shown) == len(set(shown)) == len(failures(AUDITED))


def test_a_service_that_nobody_declared_is_no_section() -> None:
    lost = finding("p", Verdict.FAIL, HERE, "m", services=("gone", "orders"))
    assert [section.service and section.service.name for section in failures_by_service(replace(EXAMPLE, findings=(lost,)))] == ["orders"]


def test_every_failure_appears_under_some_service_or_none() -> None:
    shown = {
        each.fingerprint for section in failures_by_service(AUDITED) for cause in section.causes for each in (cause.finding, *cause.others)
    }
    assert shown == {each.fingerprint for each in EXAMPLE.findings if each.verdict is Verdict.FAIL and each.waiver is None}


def test_controls_say_what_is_not_covered() -> None:
    assert [sentence(each) for each in controls(EXAMPLE)] == [
        "evidence for ISMS-P 2.12.1: contradicting; not covered: objectives-missing (1 failed); "
        "no file shows: the impact analysis, the recovery organisation and its contact network",
        "evidence for ISMS-P 2.9.3: partial; declared in code; deployment not confirmed; not covered: "
        "automatic-backup-off (1 failed, 1 unknown), no-copy-outside-region (3 failed, 2 unknown, 1 waived); "
        "no file shows: the written procedure, media outside of the cloud, and who is responsible",
        "evidence for NIST SP 800-53 CP-4: contradicting; not covered: restore-test-cannot-fail (1 failed), stale-drill (1 failed); "
        "no file shows: that what a test showed was put right",
        "evidence for NIST SP 800-53 CP-6: contradicting; not covered: no-copy-outside-region (3 failed, 2 unknown, 1 waived); "
        "no file shows: agreements, and access to the site",
        "evidence for NIST SP 800-53 CP-9: partial; declared in code; deployment not confirmed; not covered: "
        "automatic-backup-off (1 failed, 1 unknown), location-reads-failed-region (1 failed), "
        "no-copy-outside-region (3 failed, 2 unknown, 1 waived); no file shows: backups of documentation",
    ]


@pytest.mark.parametrize(
    ("verdict", "witness", "said"),
    [
        (Verdict.PASS, "declared", "supporting; declared in code; deployment not confirmed"),
        (Verdict.PASS, "observed", "supporting; confirmed in part by observation"),
        (Verdict.UNKNOWN, "declared", "none; not covered: stale-drill (1 unknown)"),
        (Verdict.NOT_APPLICABLE, "declared", "none; not covered: 1 policy without a subject"),
    ],
)
def test_control_evidence_is_never_stronger_than_what_was_seen(verdict: Verdict, witness: str, said: str) -> None:
    only = finding("stale-drill", verdict, HERE, "m", witness=witness)
    report = replace(EXAMPLE, findings=(only,), policies={"stale-drill": EXAMPLE.policies["stale-drill"]})
    beyond = "no file shows: that what a test showed was put right"
    assert [sentence(each) for each in controls(report)] == [f"evidence for NIST SP 800-53 CP-4: {said}; {beyond}"]


@pytest.mark.parametrize(
    ("best", "worst", "rpo", "rto"),
    [
        ("5m", "5m", "5m", "5m"),
        ("5m", "2h", "5m–2h", "5m–2h"),
        ("5m", None, "≥ 5m", "≥ 5m"),
        ("0s", None, "not known", "not known"),
        (None, None, "all lost", "never"),
    ],
)
def test_a_range_in_few_characters(best: str | None, worst: str | None, rpo: str, rto: str) -> None:
    assert (achievable("RPO", reach(best, worst)), achievable("RTO", reach(best, worst))) == (rpo, rto)


def test_an_objective_is_met_only_when_the_worst_meets_it() -> None:
    table = recovery_table(EXAMPLE)
    assert table.disruptions == ("corruption", "region")
    orders = table.rows[2].pairs[0]
    assert orders is not None
    assert (orders.rpo.state, orders.rto.state) == ("met", "open")
    assert [row.pairs[0] is None for row in table.rows] == [True, True, False]
    assert list(table.states(1)) == ["missed", "missed", "undeclared", "undeclared", "missed", "missed"]


def test_a_disruption_is_a_column_when_somebody_declared_an_objective() -> None:
    service = EXAMPLE.services[0]
    az = (
        target("az", "1h", None, reach("1h", "1h"), reach("0s", "0s"), "s"),
        target("hardware", None, None, reach("1h", "1h"), reach("0s", "0s"), "s"),
    )
    assert recovery_table(replace(EXAMPLE, services=(replace(service, targets=az),))).disruptions == ("az",)


def test_what_was_read_and_what_was_not() -> None:
    assert sentences.read(EXAMPLE) == (
        "Read 14 Terraform files, 9 manifests, 6 declarations: 2 deployments, 2 clusters, 6 stores, 3 services · 36 policies"
    )
    assert sentences.read(EMPTY) == "Read 1 Terraform file: 0 stores, 0 services · 36 policies"
    assert sentences.not_covered(EXAMPLE) == (
        "1 module not on disk (terraform-aws-modules/rds/aws)",
        "2 files not read",
        "1 expression not parsed",
        "1 library module outside the gate",
        "1 store of no declared service",
        "2 policies without a subject",
        "live AWS not asked",
    )


@pytest.mark.parametrize(
    ("remediation", "kept"),
    [
        ("one line", ("one line",)),
        ("Set this:\n\n```hcl\na = 1\nb = 2\n```\n\nIt costs.", ("Set this:", "a = 1", "b = 2")),
        ("```hcl\nx {\n  a = 1\n}\n```\ntext", ("x {", "  a = 1", "}")),
        ("first\n\nsecond", ("first",)),
        ("  \n", ()),
    ],
)
def test_the_smallest_remedy_is_the_first_paragraph(remediation: str, kept: tuple[str, ...]) -> None:
    assert smallest_remedy(remediation) == kept


@pytest.mark.parametrize(
    ("remedy", "parts"),
    [
        ("Remove spec.paused.", [(False, "Remove spec.paused.")]),
        ("a = 14\non the replica. Costs.", [(True, "a = 14"), (False, "on the replica. Costs.")]),
        (
            "Point it at the copy:\n  spec:\n    a: b\nor leave it.",
            [(False, "Point it at the copy:"), (True, "spec:\n  a: b"), (False, "or leave it.")],
        ),
        ("A Schedule for it:\n  spec: {a: b}", [(False, "A Schedule for it:"), (True, "spec: {a: b}")]),
        ("Text:\n\n```hcl\nIt is = code\n```\n\nMore text.", [(False, "Text:"), (True, "It is = code"), (False, "More text.")]),
        ("x {\n\n  a = 1\n}", [(True, "x {\n\n  a = 1\n}")]),
        ("velero restore create x\ntakes the newest one.", [(True, "velero restore create x"), (False, "takes the newest one.")]),
        ("", []),
    ],
)
def test_a_remedy_is_prose_and_code(remedy: str, parts: list[tuple[bool, str]]) -> None:
    assert remedy_parts(remedy) == parts


def test_modules_are_grouped_by_their_source() -> None:
    found = by_source(
        (
            "a/b:module.label (cloudposse/label/null)",
            "c:module.label (cloudposse/label/null)",
            "c:module.vpc (x)",
            "odd",
            "c:module.l[0].module.m (cloudposse/label/null)",
        )
    )
    assert [(each.source, each.calls, addresses(each)) for each in found] == [
        ("cloudposse/label/null", 3, "module.label in 2 deployments, module.l[0].module.m"),
        ("odd", 1, ""),
        ("x", 1, "module.vpc"),
    ]


def test_the_source_that_is_called_most_is_named() -> None:
    modules = {"unresolved": ("a:module.x (one)", "b:module.x (two)", "b:module.y (two)")}
    coverage = replace(EMPTY.coverage, modules=modules)
    assert sentences.not_covered(replace(EMPTY, coverage=coverage))[0] == "3 modules not on disk (2 sources, most: two 2)"


def test_an_excerpt_ends_with_its_line() -> None:
    whole = MEDIA.span(0, len(MEDIA.text))
    first = MEDIA.line(1)
    assert excerpt(whole) == Excerpt(1, first, 0, len(first))
    assert excerpt(MEDIA.span(len(MEDIA.text), len(MEDIA.text))).length == 0


def test_controls_of_terminals_and_of_direction_are_replaced() -> None:
    assert one_line("a\tb\nc\x1b[31m\u202ed\u2028e\x00\ud800") == "a b c\ufffd[31m\ufffdd e\ufffd\ufffd"
    assert several_lines("a\x1b\r\nb\tc") == "a\ufffd\nb c"
    assert one_line("한국어 ✓ 👩‍💻") == "한국어 ✓ 👩‍💻"
