"""The formats a report can be written in.

Every format imports its own module when it renders, so that ``json`` costs neither rich nor jinja2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from drpolicy.model.records import dataclass
from drpolicy.model.report import Report


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is to look. Nothing here changes what it says, only how much of it ``text`` shows at once."""

    full: bool = False
    """Text: every cause, question and diagnostic, with all evidence, instead of the first screen."""
    width: int = 100
    """Text: columns of the terminal."""
    color: bool = False
    """Text: ANSI colours; the caller decides from the terminal and ``NO_COLOR``."""
    unicode: bool = True
    """Text: whether the output encoding can carry more than ASCII."""
    link_base: str = ""
    """Text: URL of the repository's root, ending in a slash, for places to lead to their file; empty for no links."""
    language: str = "en"
    """HTML and Markdown: the language of fixed texts."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report: ``text`` gives a string for the terminal, every document gives UTF-8 bytes."""

    name: str
    summary: str
    render: Callable[[Report, Options], str | bytes]


def _text(report: Report, options: Options) -> str:
    from drpolicy.reporters.text import render

    return render(report, options)


def _json(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.json_report import render

    return render(report)


def _sarif(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.sarif import render

    return render(report)


def _html(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.html import render

    return render(report, options.language)


def _markdown(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.markdown import render

    return render(report, options.language)


def _gitlab(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.gitlab import render

    return render(report)


def _junit(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.junit import render

    return render(report)


def _github(report: Report, options: Options) -> str:
    from drpolicy.reporters.github import render

    return render(report)


def _csv(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.csv_table import render

    return render(report)


def _sarif_full(report: Report, options: Options) -> bytes:
    from drpolicy.reporters.sarif import render_full

    return render_full(report)


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Format("text", "for the terminal: the worst first, on one screen unless --full", _text),
            Format("json", "the contract: everything, as schemas/report.schema.json describes it", _json),
            Format("sarif", "SARIF 2.1.0 for code scanning: failures that nobody accepted", _sarif),
            Format("sarif-full", "SARIF 2.1.0 with every finding: passes, open questions, suppressions", _sarif_full),
            Format("html", "one self-contained page for auditors", _html),
            Format("markdown", "a summary for a pull request or a CI step", _markdown),
            Format("github", "annotations of a GitHub workflow, within its limits", _github),
            Format("gitlab", "GitLab code quality: failures that nobody accepted", _gitlab),
            Format("junit", "JUnit XML: a suite per service, a case per policy and subject", _junit),
            Format("csv", "a row per finding, for a spreadsheet", _csv),
        )
    }
)
"""Every format by its name, in the order in which help lists them."""
