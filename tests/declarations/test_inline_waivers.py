from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.declarations.waivers import InlineWaiver, parse_annotation, parse_comment
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Source, Span

GOOD = 'drpolicy: ignore[no-copy-outside-region] until=2027-03-31 reason="rebuilt from the origin"'


def comment(text: str) -> InlineWaiver | Diagnostic | None:
    """Parse a comment that stands in line 2, from column 3."""
    source = Source("main.tf", f"#\n# {text}\nresource")
    return parse_comment(text, Span(source, 4, 4 + len(text)))


def test_a_waiver_names_policies_date_and_reason() -> None:
    waiver = comment(f"{GOOD} owner=team-media")
    assert isinstance(waiver, InlineWaiver)
    assert (waiver.until, waiver.reason, waiver.owner) == (date(2027, 3, 31), "rebuilt from the origin", "team-media")
    assert [(name, str(span), span.text) for name, span in waiver.policies] == [
        ("no-copy-outside-region", "main.tf:2:20", "no-copy-outside-region")
    ]
    assert str(waiver.span) == "main.tf:2:3"
    assert waiver.span.text == f"{GOOD} owner=team-media"


@pytest.mark.parametrize(
    ("text", "policies", "reason", "owner"),
    [
        ("drpolicy: ignore[a, b-c] until=2027-03-31 reason=cheap", ("a", "b-c"), "cheap", None),
        ("drpolicy:ignore[ a ] reason='it is \"old\"' until=2027-03-31", ("a",), 'it is "old"', None),
        ("see above; drpolicy: ignore[a] owner='team a' until=2027-03-31 reason=x */", ("a",), "x", "team a"),
        (r'drpolicy: ignore[a] until=2027-03-31 reason="say \"no\" \\ never" -->', ("a",), r'say "no" \ never', None),
        ('drpolicy: ignore[a] until="2027-03-31" reason="x until=2020-01-01 ]"', ("a",), "x until=2020-01-01 ]", None),
    ],
)
def test_forms_of_a_waiver(text: str, policies: tuple[str, ...], reason: str, owner: str | None) -> None:
    waiver = comment(text)
    assert isinstance(waiver, InlineWaiver)
    assert tuple(name for name, _ in waiver.policies) == policies
    assert all(span.text == name for name, span in waiver.policies)
    assert (waiver.until, waiver.reason, waiver.owner) == (date(2027, 3, 31), reason, owner)


@pytest.mark.parametrize(
    "text",
    [
        "checked by drpolicy: see the report",
        "yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/service.schema.json",
        "my-drpolicy: ignore[a]",
        "zizmor: ignore[a]",
        "",
    ],
)
def test_other_comments_are_none(text: str) -> None:
    assert comment(text) is None


@pytest.mark.parametrize(
    ("text", "place", "spanned", "message"),
    [
        (
            "drpolicy: ignore no-dr-drill",
            "2:3",
            "drpolicy: ignore",
            'a waiver is written: drpolicy: ignore[policy-id] until=2027-03-31 reason="…"',
        ),
        ("drpolicy: skip[a]", "2:3", "drpolicy: skip[a]", 'a waiver is written: drpolicy: ignore[policy-id] until=2027-03-31 reason="…"'),
        ("drpolicy: ignore[a", "2:3", "drpolicy: ignore[a", 'a waiver is written: drpolicy: ignore[policy-id] until=2027-03-31 reason="…"'),
        ("drpolicy: ignore[]", "2:13", "ignore[]", "the waiver names no policy; write ignore[policy-id]"),
        ("drpolicy: ignore[a,,b]", "2:13", "ignore[a,,b]", "the waiver names no policy; write ignore[policy-id]"),
        ("drpolicy: ignore[*] until=2027-03-31 reason=x", "2:20", "*", "'*' is a wildcard; name each policy"),
        ("drpolicy: ignore[a, no-*]", "2:23", "no-*", "'no-*' is a wildcard; name each policy"),
        ("drpolicy: ignore[DR_1]", "2:20", "DR_1", "'DR_1' is not a policy id"),
        ("drpolicy: ignore[a, a]", "2:23", "a", "'a' is named twice"),
        ("drpolicy: ignore[a]", "2:3", "drpolicy: ignore[a]", 'the waiver has no until and no reason; add until=2027-03-31 reason="…"'),
        ("drpolicy: ignore[a] reason=x", "2:3", "drpolicy: ignore[a] reason=x", "the waiver has no until; add until=2027-03-31"),
        (
            "drpolicy: ignore[a] until=2027-03-31 ",
            "2:3",
            "drpolicy: ignore[a] until=2027-03-31",
            'the waiver has no reason; add reason="…"',
        ),
        ("drpolicy: ignore[a] until=2027-3-31 reason=x", "2:29", "2027-3-31", "'2027-3-31' is not a date; write it as 2027-03-31"),
        ("drpolicy: ignore[a] until=2027-02-29 reason=x", "2:29", "2027-02-29", "'2027-02-29' is not a day of the calendar"),
        ('drpolicy: ignore[a] until=2027-03-31 reason=" "', "2:47", '" "', "the reason of the waiver is empty"),
        ("drpolicy: ignore[a] until=2027-03-31 reason= x", "2:40", "reason=", "the reason of the waiver is empty"),
        ('drpolicy: ignore[a] until=2027-03-31 reason="x y', "2:40", 'reason="x', "the reason of the waiver has no closing quote"),
        (
            "drpolicy: ignore[a] until=2027-03-31 reason=too dear",
            "2:51",
            "dear",
            "'dear' is not part of a waiver; a reason of several words stands in quotes",
        ),
        ("drpolicy: ignore[a] expires=2027-03-31", "2:23", "expires", "unknown field 'expires'; the fields here are until, reason, owner"),
        ("drpolicy: ignore[a] until=2027-03-31 until=2028-03-31", "2:40", "until", "'until' is given twice"),
        ('drpolicy: ignore[a] reason="x"until=2027-03-31', "2:33", "until=2027-03-31", "a space is missing before 'until=2027-03-31'"),
    ],
)
def test_a_malformed_waiver_is_told_where_it_is(text: str, place: str, spanned: str, message: str) -> None:
    diagnostic = comment(text)
    assert isinstance(diagnostic, Diagnostic)
    assert diagnostic.span is not None
    assert (diagnostic.level, diagnostic.code, diagnostic.effect) == ("error", "waiver-invalid", "invalid")
    assert (str(diagnostic.span), diagnostic.span.text, diagnostic.message) == (f"main.tf:{place}", spanned, message)


def test_an_annotation_has_the_same_grammar_without_the_name() -> None:
    value = "ignore[no-dr-drill] until=2027-03-31 reason='moved'"
    source = Source("a.yaml", f'    drpolicy.dev/ignore: "{value}"\n')
    start = source.text.index('"')
    waiver = parse_annotation(value, Span(source, start, start + len(value) + 2))
    assert isinstance(waiver, InlineWaiver)
    assert [(name, str(span)) for name, span in waiver.policies] == [("no-dr-drill", "a.yaml:1:34")]
    assert waiver.span.text == value
    plain = Span(source, start + 1, start + 1 + len(value))
    assert parse_annotation(value, plain) == waiver


def test_an_annotation_may_be_a_whole_waiver_and_is_never_ignored() -> None:
    source = Source("a.yaml", GOOD)
    assert isinstance(parse_annotation(GOOD, Span(source, 0, len(GOOD))), InlineWaiver)
    wrong = parse_annotation("no-dr-drill", Span(Source("a.yaml", "no-dr-drill"), 0, 11))
    assert isinstance(wrong, Diagnostic)
    assert wrong.span is not None
    assert wrong.span.text == "no-dr-drill"


def test_positions_in_escaped_text_are_the_whole_of_it() -> None:
    source = Source("a.yaml", r'"ignore[a] until=2027-03-31 reason=\"x\""')
    whole = Span(source, 0, len(source.text))
    waiver = parse_annotation('ignore[a] until=2027-03-31 reason="x"', whole)
    assert isinstance(waiver, InlineWaiver)
    assert (waiver.span, waiver.policies) == (whole, (("a", whole),))


@given(st.text(st.sampled_from("drpolicy: ignore[a-b,*]until=2027-03-31 reason=\"x' \n\\")))
def test_no_text_makes_it_raise(tail: str) -> None:
    for text in (tail, f"drpolicy: ignore[{tail}", f"drpolicy: ignore[a] {tail}", f"{GOOD}{tail}"):
        span = Span(Source("a.tf", text), 0, len(text))
        for parsed in (parse_comment(text, span), parse_annotation(text, span)):
            if isinstance(parsed, InlineWaiver):
                assert all(place.text == name for name, place in parsed.policies)
                assert parsed.reason


@pytest.mark.parametrize("filler", ["a", "a-", ",", '\\"', " ", "]", "drpolicy:", "a=", "drpolicy: ignore["])
def test_long_texts_take_linear_time(filler: str) -> None:
    text = f'drpolicy: ignore[a] until=2027-03-31 reason="{filler * 200_000}'
    span = Span(Source("a.tf", text), 0, len(text))
    parse_comment(text, span)
    assert isinstance(parse_annotation(f"ignore[{filler * 200_000}", span), Diagnostic)
