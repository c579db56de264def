from __future__ import annotations

import subprocess
import sys

import pytest
from declaration_texts import CONFIG, EVIDENCE, FAULTS, GOOD, MINIMAL, PROTECTION, REGISTER, SERVICE, read, told, with_fault
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.declarations.configuration import load_configuration, load_waiver_register
from drpolicy.declarations.load import load_declarations
from drpolicy.declarations.validation import ERROR_LIMIT
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Absent, Known, Members, Unknown, Value, members
from drpolicy.sources.documents import Document, KeyedObject


@pytest.mark.parametrize(
    ("good", "bad", "place", "text", "message"),
    [
        ("rto: 1h", "rt0: 1h", "14:14", "rt0", "unknown field 'rt0'; did you mean 'rto'?"),
        ("rto: 1h", "rto: 15", "14:19", "15", "15 has no unit; write 15m or 15s"),
        ("rto: 1h", "rto: '15'", "14:19", "'15'", "15 has no unit; write 15m or 15s"),
        ("rto: 1h", "rto: 1.5", "14:19", "1.5", "1.5 has no unit; write 1.5m or 1.5s"),
        ("rto: 1h", "rto: -15", "14:19", "-15", "'-15' is negative; a duration is zero or more, such as 0s or 15m"),
        ("rto: 1h", "rto: .inf", "14:19", ".inf", "a duration with a unit is needed here, such as 15m, 4h, 7d or PT15M"),
        ("rto: 1h", "rto: true", "14:19", "true", "a duration with a unit is needed here, such as 15m, 4h, 7d or PT15M"),
        ("rto: 1h", "rto: 1 hour", "14:19", "1 hour", "'1 hour' is not a duration with a unit, such as 15m, 4h, 7d or PT15M"),
        ("rto: 1h", "rto: 1y", "14:19", "1y", "'y' is not a unit here; write a duration with a unit, such as 15m, 4h, 7d or PT15M"),
        ("tier: critical", "tier:", "12:3", "tier", "'tier' has no value; write one or leave the field out"),
        ("rto: 1h, rpo: 15m", "", "14:5", "region", "the objective is empty; write rto, rpo or both"),
        (
            "    region: {rto: 1h, rpo: 15m}\n    corruption: {rpo: PT1H}",
            "    rto: 1h",
            "14:5",
            "rto",
            "unknown field 'rto'; an objective belongs to a disruption; write 'region: {rto: …}', or 'all: {rto: …}' for every one",
        ),
        (
            "corruption:",
            "fire:",
            "15:5",
            "fire",
            "unknown field 'fire'; the fields here are region, corruption, hardware, az, account, all",
        ),
        ("environment: production", "Tier: critical", "11:3", "Tier", "unknown field 'Tier'; did you mean 'tier'?"),
        ("dependsOn:", "depends_on:", "23:3", "depends_on", "unknown field 'depends_on'; did you mean 'dependsOn'?"),
        (
            "testing: {maxAge: 31d}",
            "waivers: []",
            "26:3",
            "waivers",
            "unknown field 'waivers'; a service does not waive findings on itself; write waivers in drpolicy.yaml or in a register",
        ),
        (
            "role: incident commander",
            "name: Jane, role: commander",
            "10:10",
            "name",
            "unknown field 'name'; a person's name goes stale; write the role, and the rota that holds it",
        ),
        (
            "metadata:\n  name: orders\n  labels: {domain: commerce}\n",
            "metadata: {}\n",
            "3:1",
            "metadata",
            "'name' is missing in 'metadata'",
        ),
        ("team: team-orders", "team: 7", "8:11", "7", "a number is not a text; write it in quotes"),
        ("tier: critical", "tier: true", "12:9", "true", "a boolean is not a text; write it in quotes"),
        ("tier: critical", "tier: [critical]", "12:3", "tier", "a text is needed here"),
        ("tier: critical", "tier: ''", "12:9", "''", "the text is empty; write a value or leave the field out"),
        ("name: orders\n", "name: Orders\n", "4:9", "Orders", "'Orders' is not a name; use lower-case letters, digits, '-' and '.'"),
        ("name: orders\n", "name: ${NAME}\n", "4:9", "${NAME}", "the name must be written out; other documents refer to it"),
        (
            "pilot-light",
            "pilotlight",
            "16:13",
            "pilotlight",
            "'pilotlight' is not one of backup-restore, pilot-light, warm-standby, active-active; did you mean 'pilot-light'?",
        ),
        ("dr: [ap-northeast-1]", "dr: ap-northeast-1", "17:42", "ap-northeast-1", "a list is needed here; begin each entry with '- '"),
        ("dr: [ap-northeast-1]", "dr: [3]", "17:43", "3", "a number is not a text; write it in quotes"),
        ("{name: orders-db, ", "{nme: orders-db, ", "19:8", "nme", "unknown field 'nme'; did you mean 'name'?"),
        (", ref: envs/prod//aws_db_instance.primary", "", "19:8", "name", "the store is not referred to; write 'ref' or 'kubernetes'"),
        ("- kubernetes:", "- ref: a\n      kubernetes:", "20:7", "ref", "a store has either 'ref' or 'kubernetes', not both"),
        (", namespace: production", "", "20:7", "kubernetes", "'namespace' is missing in 'spec.stores.kubernetes'"),
        (
            "- kubernetes: {cluster: prod-seoul, namespace: production}",
            "- aws_s3_bucket.a",
            "20:7",
            "aws_s3_bucket.a",
            "a mapping of fields is needed here",
        ),
        ("docs/orders.md", "/srv/orders.md", "22:19", "/srv/orders.md", "'/srv/orders.md' is absolute; write a path inside the repository"),
        ("2026-09-30", "2026-9-30", "22:49", "2026-9-30", "'2026-9-30' is not a date; write it as 2027-03-31"),
        ("2026-09-30", "2026-02-30", "22:49", "2026-02-30", "'2026-02-30' is not a day of the calendar"),
        ("2026-09-30", "20260930", "22:49", "20260930", "a date is needed here, such as 2027-03-31"),
    ],
)
def test_an_error_stands_at_what_is_wrong(good: str, bad: str, place: str, text: str, message: str) -> None:
    declared = load_declarations(read(with_fault(SERVICE, good, bad)))
    assert told(declared.diagnostics) == [(f"service.yaml:{place}", text, message)]
    assert declared.services == ()
    (diagnostic,) = declared.diagnostics
    assert (diagnostic.level, diagnostic.code, diagnostic.effect) == ("error", "declaration-invalid", "invalid")


@pytest.mark.parametrize(
    ("text", "good", "bad", "place", "spanned", "message"),
    [
        (EVIDENCE, "outcome: passed", "outcome: true", "10:12", "true", "one of passed, failed is needed here"),
        (EVIDENCE, "outcome: passed", "outcome: pass", "10:12", "pass", "'pass' is not one of passed, failed; did you mean 'passed'?"),
        (EVIDENCE, "  service: orders\n", "", "4:1", "spec", "'service' is missing in 'spec'"),
        (
            EVIDENCE,
            "{rto: 48m, rpo: 6m}",
            "{}",
            "11:3",
            "measured",
            "nothing was measured; write rto, rpo or restore, or leave 'measured' out",
        ),
        (EVIDENCE, "sha256: 9f", "sha256: zz", "17:43", None, "this is not a SHA-256; write its 64 lower-case hexadecimal digits"),
        (EVIDENCE, "approver: {role: head of operations}", "approver: Jane", "18:13", "Jane", "a mapping of fields is needed here"),
        (
            PROTECTION,
            "refs: [aws_db_instance.primary]",
            "refs: []",
            "5:12",
            "refs",
            "the list is empty; write an entry or leave the field out",
        ),
        (PROTECTION, '"123456789012"', "123456789012", "8:12", "123456789012", "a number is not a text; write it in quotes"),
        (PROTECTION, "gap: 24h", "gap: 24", "9:8", "24", "24 has no unit; write 24m or 24s"),
    ],
)
def test_errors_of_other_kinds(text: str, good: str, bad: str, place: str, spanned: str | None, message: str) -> None:
    declared = load_declarations(read(with_fault(text, good, bad)))
    ((where, there, said),) = told(declared.diagnostics)
    assert (where, said) == (f"service.yaml:{place}", message)
    assert spanned is None or there == spanned
    assert (declared.evidence, declared.protections) == ((), ())


@pytest.mark.parametrize(
    ("good", "bad", "place", "message"),
    [
        ("kind: Service", "kind: Servce", "2:7", "unknown kind 'Servce'; did you mean 'Service'?"),
        (
            "kind: Service",
            "kind: Zebra",
            "2:7",
            "unknown kind 'Zebra'; write one of Service, Evidence, Protection, Config, Policy, WaiverRegister",
        ),
        (
            "kind: Service\n",
            "",
            "1:1",
            "a document of drpolicy.dev/v1 needs a kind: one of Service, Evidence, Protection, Config, Policy, WaiverRegister",
        ),
        ("v1", "v2", "1:13", "'drpolicy.dev/v2' is not a version this release reads; write drpolicy.dev/v1"),
    ],
)
def test_a_document_that_only_claims_to_be_ours(good: str, bad: str, place: str, message: str) -> None:
    declared = load_declarations(read(with_fault(MINIMAL, good, bad)))
    assert [(where, said) for where, _, said in told(declared.diagnostics)] == [(f"service.yaml:{place}", message)]
    assert declared.services == ()


def test_a_faulty_document_costs_only_itself() -> None:
    declared = load_declarations(read("---\n".join((with_fault(SERVICE, "rto: 1h", "rto: 1"), MINIMAL, EVIDENCE))))
    assert [each.name for each in declared.services] == ["pages"]
    assert [each.name for each in declared.evidence] == ["orders-2026-10"]
    assert told(declared.diagnostics) == [("service.yaml:14:19", "1", "1 has no unit; write 1m or 1s")]


def test_every_error_of_a_document_is_told_in_the_order_of_its_lines() -> None:
    text = with_fault(with_fault(with_fault(SERVICE, "maxAge: 31d", "maxAge: 31"), "rto: 1h", "rt0: 1h"), "tier: critical", "tier: 0")
    assert [where for where, _, _ in told(load_declarations(read(text)).diagnostics)] == [
        "service.yaml:12:9",
        "service.yaml:14:14",
        "service.yaml:26:21",
    ]


def test_two_services_of_one_name_are_told_at_both() -> None:
    one = read(MINIMAL, "a.yaml") + read(MINIMAL, "b.yaml")
    declared = load_declarations(one)
    assert [str(each.span) for each in declared.services] == ["a.yaml:3:18"]
    assert told(declared.diagnostics) == [
        ("a.yaml:3:18", "pages", "service 'pages' is declared more than once, also at b.yaml:3:18; this one counts"),
        ("b.yaml:3:18", "pages", "service 'pages' is declared more than once, also at a.yaml:3:18; that one counts"),
    ]


def test_a_service_and_its_evidence_may_share_a_name() -> None:
    declared = load_declarations(read("---\n".join((SERVICE, EVIDENCE.replace("orders-2026-10", "orders")))))
    assert declared.diagnostics == ()
    assert (len(declared.services), len(declared.evidence)) == (1, 1)


def test_many_errors_are_counted_not_listed() -> None:
    text = MINIMAL.replace("stores: []", "stores: [" + "1, " * (ERROR_LIMIT + 7) + "]")
    diagnostics = load_declarations(read(text)).diagnostics
    assert len(diagnostics) == ERROR_LIMIT + 1
    assert diagnostics[-1].message == "7 further errors in this document are not listed"


def test_text_of_others_is_cut_in_messages() -> None:
    ((_, _, message),) = told(load_declarations(read(MINIMAL.replace("owner", f"tier: a, {'x' * 500}: 1, owner"))).diagnostics)
    assert message == f"unknown field '{'x' * 60}…'"
    ((_, _, message),) = told(load_declarations(read(MINIMAL.replace("pages", "X" * 5000))).diagnostics)
    assert message == f"'{'X' * 60}…' is not a name; use lower-case letters, digits, '-' and '.'"


@pytest.mark.parametrize("text", ["1" * 5000, "1h" * 5000, "9" * 60 + "d", "P", "PT", "١٥m", "1h\n", ""])
def test_hostile_durations_are_errors(text: str) -> None:
    quoted = '"' + text.replace("\n", "\\n") + '"'
    declared = load_declarations(read(with_fault(SERVICE, "rto: 1h", f"rto: {quoted}")))
    assert len(declared.diagnostics) == (0 if text in {"9" * 60 + "d", "١٥m"} else 1)


def test_every_fault_of_the_examples_is_found() -> None:
    for kind in ("Service", "Evidence", "Protection"):
        for good, bad in FAULTS[kind]:
            text = with_fault(GOOD[kind][0], good, bad)
            assert load_declarations(read(text)).diagnostics, (kind, bad)
        for text in GOOD[kind]:
            assert load_declarations(read(text)).diagnostics == ()


SOURCE = Source("any.yaml", "anything")
ORIGIN = Written(Span(SOURCE, 0, 8))
FIELDS = ["apiVersion", "kind", "metadata", "name", "labels", "spec", "owner", "team", "contacts", "stores", "ref", "kubernetes", "rto"]
SECTIONS = ["objectives", "region", "waivers", "tiers", "clusters", "deployments", "policies", "params"]
HOSTILE = ["<text>", "<team>", "<waiver>", "\ud800", "\0", ""]
WORDS = st.sampled_from([*FIELDS, *SECTIONS, *HOSTILE])
SCALARS = st.one_of(
    st.sampled_from(["drpolicy.dev/v1", "Service", "Evidence", "Protection", "Config", "1h", "2026-01-01", "orders", "\ud800", "\0"]),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=5),
).map(lambda scalar: Known(scalar, ORIGIN))
LEAVES: st.SearchStrategy[Value[object]] = st.one_of(
    SCALARS, st.just(Absent(ORIGIN)), st.just(Unknown(Reason.TEMPLATE_PLACEHOLDER, "x", ORIGIN))
)


def keyed(fields: dict[str, Value[object]]) -> Known[KeyedObject]:
    return Known(KeyedObject(fields, None, dict.fromkeys(fields, ORIGIN.span)), ORIGIN)


VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: Known(members(values), ORIGIN)),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=3)), inner, max_size=4).map(keyed),
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(["Service", "Evidence", "Protection", "Config", "WaiverRegister"]),
    st.dictionaries(st.one_of(WORDS, st.sampled_from(["environments", "scope", "live", "defaults"])), VALUES, max_size=5),
    VALUES,
)
def test_no_document_makes_it_raise(kind: str, fields: dict[str, Value[object]], spec: Value[object]) -> None:
    ours: dict[str, Value[object]] = {"apiVersion": Known("drpolicy.dev/v1", ORIGIN), "kind": Known(kind, ORIGIN)}
    named = keyed({"name": Known("orders", ORIGIN)})
    for root in (keyed({**fields, **ours}), keyed({**ours, "metadata": named, "spec": spec}), spec):
        document = Document(SOURCE, root, 0, ORIGIN.span)
        declared = load_declarations([document])
        assert all(each.effect == "invalid" and each.span is not None for each in declared.diagnostics)
        load_configuration(document)
        load_waiver_register(document)


COMPLETE = [*(text for kind in ("Service", "Evidence", "Protection") for text in GOOD[kind]), CONFIG, REGISTER]


def paths(value: Value[object], path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    inner = value.value if isinstance(value, Known) else None
    if isinstance(inner, KeyedObject):
        for name, each in inner.fields.items():
            found += paths(each, (*path, name))
    elif isinstance(inner, Members):
        for index, each in enumerate(inner):
            found += paths(each, (*path, index))
    return found


def replaced(value: Value[object], path: tuple[str | int, ...], new: Value[object]) -> Value[object]:
    if not path:
        return new
    assert isinstance(value, Known)
    inner, step = value.value, path[0]
    if isinstance(inner, KeyedObject):
        assert isinstance(step, str)
        changed = {**inner.fields, step: replaced(inner.fields[step], path[1:], new)}
        return Known(KeyedObject(changed, inner.rest, inner.keys), value.origin)
    assert isinstance(inner, Members)
    elements = [replaced(each, path[1:], new) if index == step else each for index, each in enumerate(inner)]
    return Known(members(elements), value.origin)


@given(st.data())
def test_any_value_in_a_good_document_may_be_replaced_by_any_other(data: st.DataObject) -> None:
    (document,) = read(data.draw(st.sampled_from(COMPLETE)))
    path = data.draw(st.sampled_from(paths(document.root)))
    changed = Document(document.source, replaced(document.root, path, data.draw(VALUES)), 0, document.span)
    declared = load_declarations([changed])
    assert all(each.effect == "invalid" and each.span is not None for each in declared.diagnostics)
    load_configuration(changed)
    load_waiver_register(changed)


@given(st.data())
def test_a_placeholder_anywhere_below_spec_is_no_error(data: st.DataObject) -> None:
    (document,) = read(data.draw(st.sampled_from(COMPLETE[:4])))
    path = data.draw(st.sampled_from([path for path in paths(document.root) if path[:1] == ("spec",)]))
    unknown = Unknown(Reason.TEMPLATE_PLACEHOLDER, "service.yaml:${X}", Written(document.place(path)))
    declared = load_declarations([Document(document.source, replaced(document.root, path, unknown), 0, document.span)])
    assert declared.diagnostics == ()
    assert len(declared.services) + len(declared.evidence) + len(declared.protections) == 1


def test_pydantic_is_imported_only_when_there_is_something_to_validate() -> None:
    program = (
        "import sys\n"
        "from drpolicy.declarations import configuration, documents, load, schema, waivers\n"
        "from drpolicy.sources.yaml_documents import documents as read\n"
        "from drpolicy.model.spans import Source\n"
        "load.load_declarations(read(Source('a.yaml', 'apiVersion: v1\\nkind: ConfigMap\\n')))\n"
        "assert 'pydantic' not in sys.modules\n"
        "load.load_declarations(read(Source('a.yaml', 'apiVersion: drpolicy.dev/v1\\nkind: Service\\n')))\n"
        "assert 'pydantic' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
