from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from reports import DATABASES, EMPTY, EXAMPLE, finding, span

from drpolicy.model.findings import Verdict
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.html import render

PAGE = render(EXAMPLE).decode()


class Outline(HTMLParser):
    """Collects tags, attributes and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.mark.parametrize("report", [EXAMPLE, EMPTY])
def test_every_tag_is_closed_where_it_was_opened(report: Report) -> None:
    assert Outline(render(report).decode()).open == []


def test_the_page_needs_no_network_and_no_script() -> None:
    outline = Outline(PAGE)
    assert {tag for tag, _ in outline.tags} & {"script", "link", "img", "iframe", "a", "form", "object", "base"} == set()
    assert {name for _, attributes in outline.tags for name in attributes} & {"src", "href", "style", "onclick", "onload"} == set()
    assert re.findall(r"https?:|url\(|@import", PAGE) == []
    assert ("meta", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'") in [
        (tag, attributes.get("content")) for tag, attributes in outline.tags
    ]


def test_sections_come_in_the_order_in_which_an_auditor_reads() -> None:
    assert re.findall(r'<h2 id="([a-z]+)">', PAGE) == [
        "scope",
        "gaps",
        "services",
        "failures",
        "unknowns",
        "waivers",
        "controls",
        "evidence",
        "diagnostics",
        "passes",
    ]


def test_scope_names_commit_deployments_accounts_and_digests() -> None:
    text = Outline(PAGE).text
    for said in ("8098d0d1c2b3a4958677, clean", "111122223333", "sha256:1111", "sha256:2222", "2026-11-01", "drpolicy 0.1.0"):
        assert said in text
    assert "no commit was read" in Outline(render(EMPTY).decode()).text


def test_every_state_has_a_word_beside_its_mark_and_colour() -> None:
    text = Outline(PAGE).text
    for said in ("✗ missed 1h → all lost", "✓ met 1h → 5m", "? not decided 4h → ≥ 30m", "· no objective ≥ 15m"):
        assert said in text
    assert PAGE.count('aria-hidden="true">✗</span> missed') == 4


def test_what_is_undecided_and_waived_says_how_and_until_when() -> None:
    text = Outline(PAGE).text
    assert "module rds terraform/providers.tf:1:1 module not on disk run terraform init so that .terraform/modules holds the module" in text
    assert "no-copy-outside-region primary terraform/databases.tf:1:1 2027-03-31 team-orders moving to Aurora" in text


def test_the_place_is_marked_in_its_line() -> None:
    assert '<span class="line" aria-hidden="true">9</span><code>  <mark>backup_retention_period = 0</mark></code>' in PAGE


def test_evidence_is_counted_by_grade() -> None:
    assert re.findall(r'<th scope="row">(\w+)</th><td data-label="What it is">.*?</td><td data-label="Pieces">(\d+)</td>', PAGE) == [
        ("observed", "0"),
        ("recorded", "1"),
        ("declared", "4"),
        ("attested", "0"),
        ("estimated", "0"),
    ]


def test_passes_are_there_and_folded() -> None:
    assert "<details><summary>1 pass</summary>" in PAGE
    assert "<details open" not in PAGE


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_text_has_the_contrast_that_wcag_aa_asks_for(theme: int) -> None:
    palette = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", PAGE, re.DOTALL)[theme]))
    assert {"page", "card", "text", "soft", "accent", "good", "bad", "open", "mark", "mark-text"} <= set(palette)
    too_faint = [
        (ink, paper)
        for ink in ("text", "soft", "accent", "good", "bad", "open")
        for paper in ("page", "card")
        if contrast(palette[ink], palette[paper]) < 4.5
    ]
    assert too_faint == []
    assert contrast(palette["mark-text"], palette["mark"]) >= 4.5


def section(name: str, page: str = PAGE) -> str:
    return Outline(re.findall(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)[0]).text


def test_a_remedy_is_prose_and_code_and_its_own_where_the_finding_has_one() -> None:
    assert '<p>Add a replica:</p>\n<pre class="remedy"><code>replica { region_name = &#34;ap-northeast-1&#34; }</code></pre>' in PAGE
    assert '<pre class="remedy"><code>backup_retention_period = 14</code></pre>\n<p>Applies without replacement.</p>' in PAGE


def test_every_cause_is_shown_once_with_what_else_it_breaks_and_concerns() -> None:
    assert PAGE.count("<article") == 6
    text = section("failures")
    assert "orders critical, team-orders · 1 cause" in text
    assert "automatic-backup-off at terraform/databases.tf:9:3 , concerns billing, orders" in text
    assert "Also breaks: no-copy-outside-region (orders)" in text


def test_many_others_are_folded() -> None:
    where = span(DATABASES, "multi_az")
    many = tuple(finding("p", Verdict.FAIL, where, "m", name=f"n{at}", cause="one") for at in range(12))
    text = section("failures", render(replace(EXAMPLE, findings=many)).decode())
    assert "Also here: p (n1), p (n2), p (n3), p (n4), p (n5), p (n6), p (n7), p (n8) and 3 more p (n9), p (n10), p (n11)" in " ".join(
        text.replace(" ,", ",").split()
    )


def test_modules_are_grouped_by_source() -> None:
    modules = {"unresolved": ("a:module.x (one)", "b:module.x (one)", "b:module.y (two)")}
    page = render(replace(EXAMPLE, coverage=replace(EXAMPLE.coverage, modules=modules))).decode()
    assert "one 2 calls module.x in 2 deployments two 1 call module.y" in section("gaps", page)


def test_control_evidence_is_never_more_than_evidence() -> None:
    text = section("controls")
    assert "evidence for ISMS-P 2.9.3: partial; declared in code; deployment not confirmed; not covered: automatic-backup-off" in text
    assert "compliant" not in PAGE.lower()


def test_what_was_read_is_said_once() -> None:
    for language, heading in (("en", "Read"), ("ko", "읽은 범위")):
        page = render(EXAMPLE, language).decode()
        assert f"<dt>{heading}</dt><dd>" in page
        assert f"<dt>{heading}</dt><dd>{heading.split()[0]}" not in page
