from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
from hypothesis import example, given, settings
from reports import EMPTY, EXAMPLE, hostile
from test_report_escaping import HOSTILE

from drpolicy.model.findings import BaselineMark
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.junit import render

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped"}}


def tree(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(render(report).decode("utf-8"))


def problems(root: ElementTree.Element) -> list[str]:
    """Return where a document is not what junit-10.xsd of the Jenkins xUnit plugin has, or counts what is not there."""
    found = []
    for element in root.iter():
        if set(element.attrib) != ATTRIBUTES.get(element.tag):
            found.append(f"{element.tag}: {sorted(element.attrib)}")
        found += [f"{element.tag} in {each.tag}" for each in element if each.tag not in CHILDREN.get(element.tag, set())]
        if element.tag in {"testsuite", "testsuites"}:
            cases = list(element.iter("testcase"))
            tally = Counter(child.tag for case in cases for child in case)
            counted = [len(cases), tally["failure"], tally["error"], *([tally["skipped"]] if element.tag == "testsuite" else [])]
            said = [int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped") if name in element.attrib]
            found += [] if said == counted else [f"{element.tag} says {said}, holds {counted}"]
    return found


@pytest.mark.parametrize("report", [EXAMPLE, EMPTY, hostile("x")])
def test_output_meets_the_format(report: Report) -> None:
    assert problems(tree(report)) == []
    assert len(tree(report).findall("testsuite/testcase")) == len(report.findings) + sum(e.level != "note" for e in report.diagnostics)


def test_suites_are_services_and_what_was_read() -> None:
    names = [(each.attrib["name"], each.attrib["failures"], each.attrib["skipped"]) for each in tree(EXAMPLE)]
    assert names == [
        ("billing", "1", "0"),
        ("catalog", "1", "1"),
        ("no declared service", "3", "4"),
        ("orders", "3", "0"),
        ("what was read", "0", "1"),
    ]


def test_a_failure_says_where_and_why() -> None:
    failure = next(each for each in tree(EXAMPLE).iter("failure") if "orders in ap-northeast-2" in each.attrib["message"])
    assert failure.attrib["type"] == "critical"
    assert failure.text == "terraform/databases.tf:13:1\nbecause no replica block\nbecause RPO 15m"


def test_what_is_no_failure_is_skipped_with_its_reason() -> None:
    old = replace(EXAMPLE.findings[3], baseline=BaselineMark("2026-09-01"))
    report = replace(EXAMPLE, findings=(*EXAMPLE.findings[8:], old))
    assert sorted(each.attrib["message"] for each in tree(report).iter("skipped")) == [
        "copies are not known (module rds: module not on disk; var.region: variable not set)",
        "does not apply",
        "in the baseline since 2026-09-01: reporting-db keeps no automatic backups (backup_retention_period = 0)",
        "media may have a copy elsewhere (var.region: variable not set)",
        "retention is not known (module rds: module not on disk)",
        "waived until 2027-03-31: moving to Aurora",
        "waiver covers nothing",
    ]


def test_what_was_not_read_is_an_error_and_a_warning_is_none() -> None:
    errors = [(each.attrib["type"], each.attrib["message"]) for each in tree(EXAMPLE).iter("error")]
    assert errors == [("error", "not valid UTF-8")]
    assert "waiver covers nothing" in [each.attrib["message"] for each in tree(EXAMPLE).iter("skipped")]


@given(HOSTILE)
@example("]]>")
@example("\ufffe\uffff\x00\ud800")
@settings(max_examples=60, deadline=None)
def test_whatever_things_are_called(text: str) -> None:
    assert problems(tree(hostile(text))) == []
