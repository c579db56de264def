"""The field guide's checklists, in the formats of ``drpolicy checklist`` and as a section of the audit report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from drpolicy.catalog.guide.checklist import GuideItem, GuideSection, guide
from drpolicy.model.records import dataclass
from drpolicy.model.report import WORD_ALONE, Box, BoxReason, BoxState
from drpolicy.reporters.inert import code, inert
from drpolicy.reporters.languages import Translate, translator
from drpolicy.reporters.printable import one_line, place

MARKS: Final[dict[BoxState, str]] = {"ticked": "[x]", "open": "[ ]", "unknown": "[?]"}
MOST: Final = 3
"""Reasons that are shown for one box; JSON has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A box with its texts in one language."""

    box: Box
    title: str
    tick: str

    @property
    def mark(self) -> str:
        return MARKS[self.box.state]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the guide's lists with its boxes."""

    title: str
    lines: tuple[Line, ...]

    @property
    def ticked(self) -> int:
        return sum(each.box.state == "ticked" for each in self.lines)


def sections(boxes: Sequence[Box], language: str) -> tuple[Section, ...]:
    """Return the boxes under the guide's headings, in a language."""
    by_id = {each.item: each for each in boxes}
    return tuple(
        Section(part.title[language], tuple(_line(item, by_id[item.id], language) for item in _of(part) if item.id in by_id))
        for part in guide().sections
    )


def _of(part: GuideSection) -> Iterator[GuideItem]:
    return (item for item in guide().items if item.section == part.id)


def _line(item: GuideItem, box: Box, language: str) -> Line:
    return Line(box, item.box[language], item.tick[language])


def summary(boxes: Sequence[Box], translate: Translate) -> str:
    """Return how many boxes are in which state."""
    counts = {state: sum(each.state == state for each in boxes) for state in MARKS}
    return translate("Field guide checklist: {ticked} ticked · {open} open · {unknown} not known").format(**counts)


def source_of(reason: BoxReason, translate: Translate) -> str:
    """Return the day and grade of a reason: ``2026-10-25, recorded``."""
    return ", ".join(part for part in (reason.day, translate(reason.grade)) if part)


def said_of(reason: BoxReason, translate: Translate) -> str:
    """Return what keeps a box from being ticked: a finding's message as it is, a doubt in the language."""
    if not reason.about:
        return reason.text
    if reason.doubt is None:
        return translate(WORD_ALONE).format(record=reason.about)
    return f"{reason.about}: {translate(reason.doubt.label)}; {translate(reason.doubt.settle)}"


def render_text(boxes: Sequence[Box], language: str) -> str:
    """Return the checklists for a terminal."""
    translate = translator(language)
    return "\n".join(_text(boxes, language, translate)) + "\n"


def _text(boxes: Sequence[Box], language: str, translate: Translate) -> Iterator[str]:
    yield summary(boxes, translate)
    for section in sections(boxes, language):
        yield ""
        yield f"{section.title} ({section.ticked}/{len(section.lines)})"
        for line in section.lines:
            yield f"{line.mark} {line.title}"
            yield from (f"      {each}" for each in _notes(line, translate))


def _notes(line: Line, translate: Translate) -> Iterator[str]:
    reasons = line.box.reasons
    for each in reasons[:MOST]:
        said = source_of(each, translate) if line.box.state == "ticked" else one_line(said_of(each, translate))
        about = f" {one_line(each.subject)}" if line.box.state == "ticked" else ""
        yield f"{place(each.span)}{about}: {said}"
    if len(reasons) > MOST:
        yield translate("and {count} more").format(count=len(reasons) - MOST)
    if line.box.state != "ticked":
        if not reasons:
            yield translate("nothing that was read speaks of it")
        yield f"→ {line.tick}"


def render_markdown(boxes: Sequence[Box], language: str) -> str:
    """Return the checklists as task lists."""
    return "\n\n".join(markdown_blocks(boxes, language)) + "\n"


def markdown_blocks(boxes: Sequence[Box], language: str) -> Iterator[str]:
    """Yield the blocks of the checklists: a heading, then a task list per list of the guide."""
    translate = translator(language)
    yield f"### {inert(summary(boxes, translate))}"
    for section in sections(boxes, language):
        yield f"#### {inert(section.title)} ({section.ticked}/{len(section.lines)})"
        yield "\n".join(_markdown(section, translate))


def _markdown(section: Section, translate: Translate) -> Iterator[str]:
    for line in section.lines:
        # A task list knows two states: what is not known is not ticked, and says so.
        doubt = f" ({translate('not known')})" if line.box.state == "unknown" else ""
        yield f"- {'[x]' if line.box.state == 'ticked' else '[ ]'} {inert(line.title)}{doubt}"
        for each in line.box.reasons[:MOST]:
            said = source_of(each, translate) if line.box.state == "ticked" else said_of(each, translate)
            yield f"  - {code(place(each.span))}: {inert(said)}"
        if len(line.box.reasons) > MOST:
            yield f"  - {inert(translate('and {count} more').format(count=len(line.box.reasons) - MOST))}"
        if line.box.state != "ticked":
            yield f"  - → {inert(line.tick)}"


def render_json(boxes: Sequence[Box], language: str, service: str | None) -> str:
    """Return the checklists as JSON, with every reason."""
    data = {
        "schema_version": "1",
        "language": language,
        "service": service,
        "sections": [
            {"title": section.title, "ticked": section.ticked, "items": [_item(line) for line in section.lines]}
            for section in sections(boxes, language)
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _item(line: Line) -> dict[str, object]:
    return {
        "id": line.box.item,
        "title": line.title,
        "state": line.box.state,
        "tick": line.tick,
        "reasons": [
            {
                "policy": each.policy,
                "subject": each.subject,
                "text": each.text,
                "path": each.span.path,
                "line": each.span.start.line,
                "grade": each.grade,
                "date": each.day or None,
            }
            for each in line.box.reasons
        ],
    }
