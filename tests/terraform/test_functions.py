"""Functions whose answers no console gives: limits, time, providers."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from console_answers import known_value
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Unknown
from drpolicy.terraform import evaluate, loops, strings
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.functions import re2_matching
from drpolicy.terraform.functions.re2_matching import compiled
from drpolicy.terraform.graphemes import graphemes
from drpolicy.terraform.precision import digits, rounded
from drpolicy.terraform.unknowns import EvaluationError, TooLarge


@pytest.mark.parametrize(
    "expression",
    [
        'format("%99999d", 1)',
        'format("%.99999f", 1)',
        "setproduct(range(1000), range(1000))",
        'indent(1000000, "a\\nb\\nc")',
        "1e9000",
        'yamldecode("a: &a [x,x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\\n'
        'd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]")',
        f'jsondecode("{"[" * 5000}{"]" * 5000}")',
        f'yamldecode("{"[" * 5000}{"]" * 5000}")',
    ],
)
def test_what_is_too_large_is_unknown_as_such(expression: str) -> None:
    value = known_value(expression)
    assert isinstance(value, Unknown), value
    assert value.reason is Reason.LIMIT_REACHED


@pytest.mark.parametrize(
    "expression",
    [
        "[for x in range(1000) : [for y in range(1000) : [for z in range(1000) : 1]]][0][0][0] + 1",
        '"%{ for x in range(1000) }%{ for y in range(1000) }abcdefghij%{ endfor }%{ endfor }"',
        'join("", [for x in range(1000) : join("", [for y in range(1000) : "abcdefghij"])])',
    ],
)
def test_nested_repetition_ends(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (evaluate, loops, strings):
        monkeypatch.setattr(module, "STEP_LIMIT", 5_000)
    value = known_value(expression)
    assert isinstance(value, Unknown), value
    assert value.reason is Reason.LIMIT_REACHED


def test_a_long_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(re2_matching, "STEP_LIMIT", 1_000)
    with pytest.raises(TooLarge):
        compiled("(a?)" * 30 + "b").first("a" * 100)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)c$"])
def test_no_pattern_makes_the_search_hang(pattern: str) -> None:
    start = time.monotonic()
    assert compiled(pattern).first("a" * 60 + "!") is None
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("pattern", "subject", "spans"),
    [
        ("a+", "baab", [(1, 3)]),
        ("x*", "abxd", [(0, 0), (1, 1), (2, 3), (4, 4)]),
        ("(?i)k", "kK\u212a", [(0, 1), (1, 2), (2, 3)]),
        ("(a|ab)(c|bcd)", "abcd", [(0, 4)]),
        (r"\pL+", "é1x", [(0, 1), (2, 3)]),
        (r"(a|b)+?c", "abac", [(0, 4)]),
    ],
)
def test_matches_are_those_of_re2(pattern: str, subject: str, spans: list[tuple[int, int]]) -> None:
    assert [found.spans[0] for found in compiled(pattern).matches(subject)] == spans


@settings(deadline=None)
@given(st.text(alphabet="ab(|)*+?[]^$.\\d{}1,", max_size=12), st.text(alphabet="ab1", max_size=8))
def test_any_pattern_is_read_or_refused(pattern: str, subject: str) -> None:
    try:
        found = list(compiled(pattern).matches(subject))
    except EvaluationError:
        return
    assert all(0 <= match.start <= match.end <= len(subject) for match in found)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_grapheme_clusters_are_the_text(text: str) -> None:
    clusters = graphemes(text)
    assert "".join(clusters) == text
    assert all(clusters)


@settings(deadline=None)
@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**9), st.sampled_from([53, 64, 512]))
def test_digits_read_back_as_the_number(fraction: Fraction, bits: int) -> None:
    number = rounded(fraction, bits)
    if number:
        assert rounded(Fraction(digits(number, bits)), bits) == number


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            'provider::aws::arn_parse("arn:aws:iam::444455556666:role/example")',
            {"account_id": "444455556666", "partition": "aws", "region": "", "resource": "role/example", "service": "iam"},
        ),
        ('provider::aws::arn_build("aws", "iam", "", "444455556666", "role/example")', "arn:aws:iam::444455556666:role/example"),
        ('provider::aws::trim_iam_role_path("arn:aws:iam::444455556666:role/with/path/example")', "arn:aws:iam::444455556666:role/example"),
        ('try(provider::aws::arn_parse("x"), "no")', "no"),
    ],
)
def test_functions_of_the_aws_provider(expression: str, expected: object) -> None:
    assert plain(known_value(expression)) == expected


@pytest.mark.parametrize(
    "expression",
    ["timestamp()", "uuid()", 'bcrypt("a")', 'abspath("a")', 'pathexpand("~")', 'provider::google::region_from_id("x")', 'base64gzip("a")'],
)
def test_what_only_a_run_knows_is_unknown(expression: str) -> None:
    value = known_value(expression)
    assert isinstance(value, Unknown)
    assert value.reason is Reason.FUNCTION_NOT_EVALUATED
    assert isinstance(known_value(f"can({expression})"), Unknown)


def test_impure_calls_are_not_equal() -> None:
    assert isinstance(known_value("uuid() == uuid()"), Unknown)
