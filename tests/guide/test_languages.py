"""Every fixed text is there in every language, and nothing that is no longer said."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from test_checklist import example

from drpolicy.catalog.frameworks import built_in_frameworks
from drpolicy.catalog.guide import checklist as guide_texts
from drpolicy.cli.arguments import parser
from drpolicy.model.findings import SEVERITIES, Grade, Verdict
from drpolicy.model.reasons import Reason
from drpolicy.model.records import replace
from drpolicy.model.report import GATE_COUNTS, WORD_ALONE, GateCount, GateFacts, GateOutcome
from drpolicy.model.stores import DISRUPTIONS
from drpolicy.reporters import html, languages, markdown, sentences
from drpolicy.reporters.controls import Strength
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.languages import LANGUAGES, catalogue, translator
from drpolicy.reporters.questions import RUN

REPORTERS = Path(languages.__file__).parent
IN_TEMPLATE = re.compile(r'_\("([^"]+)"\)')
IN_CODE = re.compile(r"""translate\(\s*(["'])(.+?)\1\s*\)""")
COUNTED_IN_TEMPLATE = re.compile(r'number\([^"%}]+"([^"]+)"')
COUNTED_IN_CODE = re.compile(r"""number\([^"'\n]+(["'])(.+?)\1, (?:None|["'][^"']+["']), translate\)""")
COUNTS = ("failed", "unknown", "passed", "not applicable", "waived", "in the baseline", "diagnostic", "diagnostics")
LEVELS = ("error", "warning", "note")
READ = ("deployment", "cluster", "store", "service", "resource", "file", "expression", "worse", "newly undecided")
APART = ("cache", "derived", "ephemeral", "log")
MOVED = ("it is new", "it passed", "it failed", "it was not decided", "it did not apply", "it is no longer accepted")
STATES = ("met", "missed", "not decided", "no objective", "all lost", "never", "no limit")


def said() -> set[str]:
    """Return every text that the reporters ask a translation of: written out, or taken from a closed set."""
    template = set(IN_TEMPLATE.findall((REPORTERS / "report.html.j2").read_text("utf-8")))
    code = {match[2] for path in REPORTERS.glob("*.py") for match in IN_CODE.finditer(path.read_text("utf-8"))}
    closed = {*COUNTS, *LEVELS, *SEVERITIES, *get_args(Grade), *(meaning for _, meaning in html.GRADES)}
    closed |= {*STATES, *DISRUPTIONS, *(each.value for each in Verdict), *get_args(Strength), *get_args(GateOutcome), *GATE_COUNTS.values()}
    closed |= {*MOVED, *(f"it was {severity}" for severity in SEVERITIES), WORD_ALONE, RUN, "not read", "nothing that holds data was found"}
    closed |= {text for reason in Reason for text in (reason.label, reason.settle)}
    return template | code | closed | {f"{{count}} {word}" for word in counted()}


def counted() -> set[str]:
    """Return every word that the reporters count in a language."""
    template = set(COUNTED_IN_TEMPLATE.findall((REPORTERS / "report.html.j2").read_text("utf-8")))
    code = {match[2] for path in REPORTERS.glob("*.py") for match in COUNTED_IN_CODE.finditer(path.read_text("utf-8"))}
    return template | code | {*sentences.FILES.values(), *sentences.TALLIES, *READ, *APART}


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_catalogue_has_what_is_said_and_nothing_else(language: str) -> None:
    assert said() - set(catalogue(language)) == set()
    beyond = {control.not_covered for each in built_in_frameworks().values() for control in each.controls}
    assert set(catalogue(language)) - said() - beyond == set()


def test_the_korean_framework_is_korean() -> None:
    texts = {control.not_covered for control in built_in_frameworks()["isms-p"].controls if control.not_covered}
    assert texts
    assert texts <= set(catalogue("ko"))


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


def test_the_korean_report_says_what_the_english_one_says() -> None:
    lines = markdown.render(example("before")[1], "ko").decode().splitlines()
    assert lines[2] == "## drpolicy: 게이트 실패"
    assert re.fullmatch(r"게이트 pr 실패\\: 심각도 높음 이상 판정 결과 [1-9]\d*건\(최고\\: 심각\)", lines[6])
    assert "| `billing` | `important` | 리전 장애(region) | ✗ **미충족**: 1h → 전부 손실 | ✗ **미충족**: 4h → 복구 불가 |" in lines
    page = html.render(example("after")[1], "ko").decode()
    assert "ISMS-P 2.12.1 증적: 뒷받침함; 코드에 선언됨, 실제 배포 여부는 확인하지 않음" in page
    assert "파일로 확인할 수 없는 사항: 재해 영향 분석, 복구 조직, 비상 연락 체계" in page


@pytest.mark.parametrize(
    ("count", "english", "korean"), [(1, "1 store", "데이터 저장소 1개"), (1234, "1,234 stores", "데이터 저장소 1,234개")]
)
def test_counting(count: int, english: str, korean: str) -> None:
    assert sentences.number(count, "store") == english
    assert sentences.number(count, "store", None, translator("ko")) == korean


@pytest.mark.parametrize(
    ("facts", "korean"),
    [
        (GateFacts("passed", "high"), "게이트 pr 통과: 실패 기준은 심각도 '높음 이상'"),
        (GateFacts("passed", "critical"), "게이트 pr 통과: 실패 기준은 심각도 '심각'"),
        (GateFacts("incomplete", "high", ("nothing that holds data was found",)), "게이트 pr 불완전: 데이터를 담은 대상을 찾지 못함"),
        (GateFacts("incomplete", "high", ("a.tf cannot be read",)), "게이트 pr 불완전: a.tf cannot be read"),
        (
            GateFacts("failed", "high", ("…",), (GateCount("brought", 2, "critical"), GateCount("lost", 1, "low"))),
            "게이트 pr 실패: 이번 변경으로 생긴 심각도 높음 이상 판정 결과 2건(최고: 심각); 이번 변경 전에는 통과했던 판정 결과 1건",
        ),
    ],
)
def test_what_the_gate_decided(facts: GateFacts, korean: str) -> None:
    assert sentences.gate(replace(example("before")[1], gate=facts), translator("ko")) == korean
