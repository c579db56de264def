"""Every built-in policy does what its own examples say, and its examples would notice if it did not."""

from __future__ import annotations

import re
import sys
from datetime import date
from functools import cache

import pytest

from drpolicy.app.bundle import catalog_bundle, policy_bundle
from drpolicy.app.demo import EXAMPLE_DATE
from drpolicy.app.policy_examples import run_example
from drpolicy.app.reading import read_tree
from drpolicy.app.user_policies import read_policies
from drpolicy.catalog.load import BUNDLE as CATALOG_BUNDLE
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.findings import ANTI_PATTERNS, Verdict
from drpolicy.model.records import replace
from drpolicy.policy.builtin import BUNDLE as POLICY_BUNDLE
from drpolicy.policy.builtin import policy_directory
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.context import Context
from drpolicy.policy.documents import Example, PolicyDocument
from drpolicy.policy.engine import judge
from drpolicy.recovery.build import build_estate
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

FOUND, PROBLEMS = read_policies(DirectoryTree(policy_directory()), "")
POLICIES = {each.id: each for each in FOUND}
JUDGED = [each.id for each in FOUND if not each.observed_only]
"""Policies that files alone can decide; the others speak of what a live account answered, which no example file holds."""
EXAMPLES = [pytest.param(each.id, number, id=f"{each.id}-{number}") for each in FOUND for number in range(len(each.examples))]
_WORST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)


@cache
def compiled(id_: str) -> CompiledPolicy:
    result = compile_policy(POLICIES[id_])
    assert isinstance(result, CompiledPolicy), result
    return result


@cache
def example_estate(id_: str, number: int) -> Estate:
    example = POLICIES[id_].examples[number]
    found = read_tree(MemoryTree(example.files))
    return build_estate(found.inputs, built_in_catalog(), date.fromisoformat(example.as_of or EXAMPLE_DATE))


def verdict_of(policy: CompiledPolicy, example: Example, estate: Estate) -> str:
    findings = judge([policy], estate, Context()).every()
    verdicts = {each.verdict for each in findings if example.subject in ("", each.subject.address, each.subject.name)}
    return next((each.value for each in _WORST if each in verdicts), Verdict.NOT_APPLICABLE.value)


def disagreeing(document: PolicyDocument) -> list[str]:
    """Return the examples of a policy that a changed policy no longer satisfies."""
    changed = compile_policy(document)
    assert isinstance(changed, CompiledPolicy), changed
    return [
        example.name
        for number, example in enumerate(document.examples)
        if verdict_of(changed, example, example_estate(document.id, number)) != example.expect
    ]


def test_all_policies_can_be_read() -> None:
    assert PROBLEMS == ()
    assert len(POLICIES) == len(FOUND) >= 30


@pytest.mark.parametrize(("id_", "number"), EXAMPLES)
def test_an_example_gives_the_verdict_it_expects(id_: str, number: int) -> None:
    example = POLICIES[id_].examples[number]
    outcome = run_example(compiled(id_), example)
    assert (example.name, outcome.given) == (example.name, example.expect)
    assert [each.message for each in outcome.diagnostics if each.level == "error"] == []
    said = [text for each in outcome.findings for text in (each.message, *(evidence.text for evidence in each.evidence))]
    assert [each for each in said if _TYPE.search(each)] == []


_TYPE = re.compile(r"\bis (?:duration|range|date|absent|members|object|truth)\b")
"""Where the name of a type stands for a value."""


@pytest.mark.parametrize("id_", JUDGED)
def test_examples_show_every_verdict_that_a_policy_always_can_give(id_: str) -> None:
    expected = {each.expect for each in POLICIES[id_].examples}
    assert {"pass", "fail"} <= expected
    if POLICIES[id_].when != "true":
        assert "not_applicable" in expected


@pytest.mark.parametrize("id_", JUDGED)
def test_examples_notice_when_the_assertion_is_turned_round(id_: str) -> None:
    document = POLICIES[id_]
    missed = disagreeing(replace(document, assertion=f"!({document.assertion})"))
    decided = [each.name for each in document.examples if each.expect in ("pass", "fail")]
    # A worst-of-many verdict can survive; every example that speaks of one subject must not.
    assert len(missed) >= 2, f"only {missed} of {decided} change"


@pytest.mark.parametrize("id_", JUDGED)
@pytest.mark.parametrize("constant", ["true", "false"])
def test_examples_notice_when_the_assertion_says_nothing(id_: str, constant: str) -> None:
    expected = "fail" if constant == "true" else "pass"
    names = [each.name for each in POLICIES[id_].examples if each.expect == expected]
    assert set(names) & set(disagreeing(replace(POLICIES[id_], assertion=constant))) == set(names)


@pytest.mark.parametrize("id_", [id_ for id_ in JUDGED if POLICIES[id_].when != "true"])
def test_examples_notice_when_the_condition_is_turned_round(id_: str) -> None:
    document = POLICIES[id_]
    decided = {each.name for each in document.examples if each.expect in ("pass", "fail")}
    turned = replace(document, when=f"!({document.when})", assertion="true")
    assert decided & set(disagreeing(turned)), "no example is about a subject of the policy"
    never = replace(document, when=f"({document.when}) && false")
    assert decided <= set(disagreeing(never))


@pytest.mark.parametrize("id_", POLICIES)
def test_a_policy_is_filed_under_its_name_and_anti_pattern(id_: str) -> None:
    document = POLICIES[id_]
    assert document.spans["spec.assert"].path == f"{document.anti_pattern}/{id_}.yaml"
    assert document.anti_pattern in ANTI_PATTERNS
    assert id_ == "-".join(part for part in id_.lower().replace("_", "-").split("-") if part.isalnum())


@pytest.mark.parametrize("id_", POLICIES)
def test_a_policy_says_why_what_to_do_and_what_it_is_evidence_for(id_: str) -> None:
    document = POLICIES[id_]
    assert len(document.why) > 30
    assert document.remediation
    assert all(document.remedies.values())
    assert document.controls
    assert all(document.controls.values())
    assert all(each.name for each in document.examples)
    assert len({each.name for each in document.examples}) == len(document.examples)
    assert not document.title.endswith(".")
    assert not document.message.endswith(".")


def test_every_anti_pattern_has_a_policy_and_every_folder_is_one() -> None:
    assert {each.anti_pattern for each in FOUND} == set(ANTI_PATTERNS)
    assert {path.name for path in policy_directory().iterdir() if path.is_dir()} == set(ANTI_PATTERNS)


@pytest.mark.parametrize("id_", POLICIES)
def test_a_severity_without_condition_comes_last_and_always(id_: str) -> None:
    conditions = [case.when for case in POLICIES[id_].severity]
    assert conditions[-1] == ""
    assert all(conditions[:-1])


def test_what_depends_on_the_date_says_so() -> None:
    dated = {id_ for id_ in JUDGED if "Age" in POLICIES[id_].assertion or "Ago" in POLICIES[id_].assertion}
    assert dated
    assert dated <= {each.id for each in FOUND if each.calendar}


@pytest.mark.parametrize("id_", sorted(set(POLICIES) - set(JUDGED)))
def test_what_no_file_can_decide_is_not_asked_of_files(id_: str) -> None:
    assert POLICIES[id_].when.startswith("self.observed")
    assert POLICIES[id_].examples == ()


def test_bundles_are_current() -> None:
    run = "run: python -m drpolicy.app.bundle"
    assert POLICY_BUNDLE.read_text("utf-8") == policy_bundle(), run
    assert CATALOG_BUNDLE.read_text("utf-8") == catalog_bundle(), run
