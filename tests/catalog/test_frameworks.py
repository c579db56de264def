"""Outside frameworks are data: every row names what exists, and a policy's own controls count beside them."""

from __future__ import annotations

import re

import pytest

from drpolicy.app.bundle import framework_bundle, rows
from drpolicy.app.profiles import NoSuchProfile, controls_of, listing, policies_of, profile
from drpolicy.catalog.frameworks import BUNDLE, Control, built_in_frameworks, frameworks_from
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.compiled import CompiledPolicy, compile_policy

FRAMEWORKS = built_in_frameworks()
POLICIES = {each.id: each for each in built_in_policies()}


def test_the_bundle_is_current() -> None:
    assert BUNDLE.read_text("utf-8") == framework_bundle(), "run: python -m drpolicy.app.bundle"


def test_every_topic_is_used_and_names_policies() -> None:
    documents = list(rows(BUNDLE.parent / "profiles"))
    topics = {name: ids for each in documents for name, ids in each.get("topics", {}).items()}
    used = {topic for each in documents for control in each.get("controls", ()) for topic in control["topics"]}
    assert used == set(topics)
    assert {policy for ids in topics.values() for policy in ids} <= set(POLICIES)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_names_its_source_and_gives_evidence_for_every_control(name: str) -> None:
    found = profile(name, POLICIES.values())
    assert re.search(r", 20\d\d-\d\d$", found.source)
    assert len({each.id for each in found.controls}) == len(found.controls) >= 2
    assert all(each.policies for each in found.controls)
    assert policies_of(found) <= set(POLICIES)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_what_a_framework_sets_is_a_parameter_of_the_policy(name: str) -> None:
    for policy, values in FRAMEWORKS[name].params.items():
        assert isinstance(compile_policy(POLICIES[policy], values), CompiledPolicy)


def test_a_policy_gives_evidence_for_what_it_names_and_for_what_names_it() -> None:
    own = POLICIES["retention-keeps-one"]
    assert own.controls == {"nist-800-53": ("CP-9",), "isms-p": ("2.9.3",)}
    assert controls_of(own) == {
        "aws-well-architected": ("REL09-BP02",),
        "dora": ("Art. 12",),
        "hipaa": ("164.308(a)(7)(ii)(A)",),
        "isms-p": ("2.9.3",),
        "iso-27001": ("A.8.13",),
        "nis2": ("4.2",),
        "nist-800-53": ("CP-9",),
        "nist-csf": ("PR.DS-11",),
        "resilience-hub": ("Software",),
        "soc2": ("A1.2",),
    }


def test_controls_of_a_tool_are_its_checks() -> None:
    found = {each.id: each for each in profile("aws-fsbp", POLICIES.values()).controls}
    assert found["RDS.11"] == Control("RDS.11", "", ("backup-retention-too-short", "database-without-backup"))
    assert "RDS.14" not in found


def test_a_topic_that_is_not_defined_is_an_error() -> None:
    row = {"id": "x", "title": "X", "source": "X, 2026-11", "controls": [{"id": "1", "title": "One", "topics": ["none"]}]}
    with pytest.raises(KeyError, match="none"):
        frameworks_from([row])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("isms", "no profile is called 'isms'; did you mean 'isms-p'?"),
        ("zzz", "no profile is called 'zzz'; one of " + ", ".join(sorted(FRAMEWORKS))),
    ],
)
def test_a_profile_that_is_not_there_is_named_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(NoSuchProfile, match=re.escape(said)):
        profile(name, POLICIES.values())


def test_a_profile_is_listed_by_control() -> None:
    lines = listing("isms-p", POLICIES.values()).splitlines()
    assert lines[0] == "ISMS-P"
    assert lines[-1].endswith("each is evidence, never more than partial")
    at = lines.index("2.12.2  재해 복구 시험 및 개선")
    assert lines[at + 1] == "  no-drill-recorded"
    assert "  no file shows: that what a test showed was put right" in lines[at:]
