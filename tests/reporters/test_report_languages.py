"""A report in another language: every fixed text of it is one that can be translated."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from reports import EMPTY, compared, hostile

from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters import checklist, html, markdown
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.languages import Translate

REPORTED = {"drpolicy", "audit", "check", "pr", "terraform", "RPO", "RTO", "dir", "tf", "explain"}
"""What a report says in any language: names, and what the files say."""


def marked(language: str) -> Translate:
    """Return a translator into a language of which everything that is not filled in is known by its brackets."""
    return lambda text: "".join(
        (f"⟦{fixed}⟧" if fixed else "") + (f"{{{name}}}" if name is not None else "") for fixed, name, _, _ in Formatter().parse(text)
    )


def unmarked(text: str) -> str:
    """Return what is left of a rendering without markup and without what went through the translator."""
    return re.sub(r"<style>.*?</style>|<!--.*?-->|<[^<>]*>|```text|⟦[^⟦⟧]*⟧", " ", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "report", [hostile("Ω"), compared(hostile("Ω")), replace(EMPTY, run=hostile("Ω").run)], ids=["state", "change", "nothing"]
)
@pytest.mark.parametrize("name", ["html", "markdown"])
def test_every_fixed_text_goes_through_the_translator(name: str, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (html, markdown, checklist):
        monkeypatch.setattr(module, "translator", marked)
    rendered = FORMATS[name].render(report, Options(language="ko"))
    text = rendered.decode() if isinstance(rendered, bytes) else rendered
    assert "⟦" in text
    assert set(re.findall(r"\b[A-Za-z]{2,}\b", unmarked(text))) <= REPORTED


def test_the_page_writes_nothing_out_itself() -> None:
    template = Path(html.__file__).with_name("report.html.j2").read_text("utf-8")
    fixed = re.sub(r"{{.*?}}|{%.*?%}", "", template, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{2,}", unmarked(fixed))) <= {"drpolicy", "RPO", "RTO"}
