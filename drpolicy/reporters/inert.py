"""Text from a repository in Markdown, where it must stay text: no link, no image, no HTML, no mention, no table cell of its own."""

from __future__ import annotations

from typing import Final

from drpolicy.model.patterns import deferred
from drpolicy.reporters.printable import one_line, several_lines

# What starts something inside a line (spans, links, HTML, entities, strikethrough, mathematics, headings, table cells and
# the ":" and "www." by which hosts find addresses), and what starts a list or a rule at the beginning of one.
_PUNCTUATION: Final = deferred(r"[\\`*_{}\[\]<>#!|~&:$]|(?<=[Ww]{3})\.|^[-+=]|(?<=\d)[.)](?=\s|$)")
_RUN: Final = deferred(r"`+")
_ZERO_WIDTH_SPACE: Final = "\u200b"


def inert(text: str) -> str:
    """Return the text on one line with every mark escaped that Markdown acts on (CommonMark 0.31 section 2.4).

    ``@`` is followed by a zero-width space as well: hosts look for mentions and addresses after escapes are gone.
    """
    return _PUNCTUATION.sub(r"\\\g<0>", one_line(text).strip()).replace("@", "@" + _ZERO_WIDTH_SPACE)


def code(text: str) -> str:
    """Return the text as a code span that no number of backticks ends early; fit for a table cell, where ``|`` would part cells."""
    clean = one_line(text).strip().replace("|", "∣")
    if not clean:
        return "–"
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(clean)), default=0))
    pad = " " if clean[0] == "`" or clean[-1] == "`" else ""
    return f"{fence}{pad}{clean}{pad}{fence}"


def fenced(text: str, language: str = "text") -> str:
    """Return the lines as a fenced code block that no line of theirs ends early."""
    clean = several_lines(text)
    fence = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(clean)), default=0))
    return f"{fence}{language}\n{clean}\n{fence}"
