"""Every fixed text is there in every language, and nothing that is no longer said."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from test_checklist import example

from drpolicy.catalog.guide import checklist as guide_texts
from drpolicy.cli.arguments import parser
from drpolicy.model.findings import SEVERITIES, Grade
from drpolicy.reporters import html, languages
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.languages import LANGUAGES, catalogue, translator

REPORTERS = Path(languages.__file__).parent
IN_TEMPLATE = re.compile(r'_\("([^"]+)"\)')
IN_CODE = re.compile(r"""translate\((["'])(.+?)\1\)""")
COUNTED = ("failed", "unknown", "passed", "not applicable", "waived", "in the baseline", "diagnostic", "diagnostics")
LEVELS = ("error", "warning", "note")


def said() -> set[str]:
    """Return every text that the reporters ask a translation of: written out, or taken from a closed set."""
    template = set(IN_TEMPLATE.findall((REPORTERS / "report.html.j2").read_text("utf-8")))
    code = {match[2] for path in REPORTERS.glob("*.py") for match in IN_CODE.finditer(path.read_text("utf-8"))}
    return template | code | {*COUNTED, *LEVELS, *SEVERITIES, *get_args(Grade), *(meaning for _, meaning in html.GRADES)}


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_catalogue_has_what_is_said_and_nothing_else(language: str) -> None:
    assert set(catalogue(language)) == said()


@pytest.mark.parametrize(("english", "korean"), sorted(catalogue("ko").items()))
def test_a_translation_is_korean_and_keeps_what_is_filled_in(english: str, korean: str) -> None:
    assert re.search("[가-힣]", korean)
    assert sorted(name for _, name, _, _ in Formatter().parse(korean) if name) == sorted(re.findall(r"{(\w+)}", english))
    assert korean.endswith(".") == english.endswith(".")


def test_every_place_that_knows_languages_knows_the_same() -> None:
    assert guide_texts.LANGUAGES == LANGUAGES
    with pytest.raises(SystemExit):
        parser().parse_args(["checklist", "--lang", "de"])
    assert all(
        parser().parse_args([command, "--lang", each]).lang == each for command in ("check", "audit", "checklist") for each in LANGUAGES
    )


def test_english_is_its_own_key() -> None:
    assert translator("en")("Failures by service") == "Failures by service"
    assert translator("ko")("Failures by service") == "서비스별 실패"
    assert translator("ko")("something that is not fixed") == "something that is not fixed"


@pytest.mark.parametrize("name", ["html", "markdown"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_audit_report_holds_the_checklist_in_its_language(name: str, language: str) -> None:
    rendered = FORMATS[name].render(example("before")[1], Options(language=language))
    text = rendered.decode() if isinstance(rendered, bytes) else rendered
    assert ("충족 0 · 미충족 32 · 미확인 0" in text) == (language == "ko")
    assert ("0 ticked · 32 open · 0 not known" in text) == (language == "en")
    box = {"en": "Application starts", "ko": "애플리케이션 정상 기동 확인"}[language]
    assert box in text
    assert ("서비스와 장애 유형" in text) == (language == "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_its_language(language: str) -> None:
    assert f'<html lang="{language}">'.encode() in html.render(example("after")[1], language)
