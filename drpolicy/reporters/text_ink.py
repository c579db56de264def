"""How text reaches a terminal: its width, its colours, and what stands for a symbol where only ASCII passes."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from drpolicy.model.findings import Severity
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.reporters.formats import Options
from drpolicy.reporters.objectives import State
from drpolicy.reporters.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

MARKS: Final[dict[State, tuple[str, str]]] = {
    "met": ("✓", "green"),
    "missed": ("✗", "bold red"),
    "open": ("?", "yellow"),
    "undeclared": ("·", "dim"),
}
STATE_WORDS: Final[dict[State, str]] = {"met": "met", "missed": "missed", "open": "not decided", "undeclared": "no objective"}
SEVERITY_STYLES: Final[dict[Severity, str]] = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "advice": "dim",
}
_ASCII: Final = str.maketrans(
    {"✓": "+", "✗": "x", "·": "-", "→": "->", "…": "...", "≥": ">=", "–": "-", "—": "-", "│": "|", "×": "x", "“": '"', "”": '"', "’": "'"}
)


@dataclass(frozen=True, slots=True)
class Ink:
    """Makes lines of text for one terminal. Every line it gives fits the width, but for words that cannot be broken."""

    width: int
    unicode: bool
    link_base: str = ""
    color: bool = False

    def at(self, span: Span) -> str:
        """Return the style of a place: it leads to its file where the terminal can follow (OSC 8)."""
        # Quoted to ASCII, so nothing in a file's name ends the escape sequence or the style.
        return f"cyan link {self.link_base}{quote(span.path, errors='replace')}" if self.link_base else "cyan"

    def plain(self, text: str) -> str:
        """Return the text on one line, without anything that a terminal would obey, in characters that it can show."""
        clean = one_line(text)
        return clean if self.unicode else clean.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")

    def text(self, *pieces: str | tuple[str, str]) -> Text:
        """Return one styled text from plain pieces and (piece, style) pairs."""
        whole = Text(end="")
        for piece in pieces:
            content, style = (piece, "") if isinstance(piece, str) else piece
            whole.append(self.plain(content), style)
        return whole

    def wrapped(self, text: Text, indent: int = 0, hanging: int = 0, limit: int | None = None) -> list[Text]:
        """Break a text into lines of the width, indented; with a ``limit``, the last line says that there was more."""
        room = max(self.width - indent - hanging, 20)
        # Only justified text asks the console for anything; importing it would be half the cost of a small report.
        lines = list(text.wrap(cast("Console", None), room, overflow="fold"))
        if limit is not None and len(lines) > limit:
            more = self.plain("…")
            lines = lines[:limit]
            lines[-1].truncate(room - cell_len(more))
            lines[-1].append(more)
        return [self._indented(line, indent + (hanging if at else 0)) for at, line in enumerate(lines)]

    def _indented(self, line: Text, indent: int) -> Text:
        line.rstrip()
        return Text(" " * indent, end="") + line

    def padded(self, text: str, width: int, style: str = "") -> Text:
        """Return the text in exactly ``width`` cells; what does not fit ends in an ellipsis."""
        clean = self.plain(text)
        if cell_len(clean) > width:
            more = self.plain("…")
            clean = set_cell_size(clean, max(width - cell_len(more), 0)) + more
        return Text(clean, style, end="") + Text(" " * (width - cell_len(clean)))

    def tail(self, text: str, room: int) -> str:
        """Return the text, or as much of its end as fits after an ellipsis: the end of a path or an address says most."""
        whole, more = self.plain(text), self.plain("…")
        clean = whole
        while clean and cell_len(clean) + (cell_len(more) if clean != whole else 0) > max(room, 8):
            clean = clean[1:]
        return clean if clean == whole else more + clean

    def mark(self, state: State) -> tuple[str, str]:
        """Return the symbol of a state and its style."""
        symbol, style = MARKS[state]
        # Plain ASCII needs a mark of its own here: its dash already stands where nothing was worked out.
        return ("." if state == "undeclared" and not self.unicode else self.plain(symbol)), style


def ink(options: Options) -> Ink:
    """Return the ink for a terminal."""
    return Ink(max(options.width, 40), options.unicode, options.link_base if options.color else "", options.color)


def printed(ink: Ink, lines: Iterable[Text]) -> str:
    """Return the lines as one string, each ended by a line feed and none by a space."""
    if not ink.color:
        # The same characters, without what a console does for each line.
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    console = _console(ink.width)
    with console.capture() as captured:
        for line in lines:
            line.rstrip()
            console.print(line, soft_wrap=True)
    return captured.get()


def _console(width: int) -> Console:
    """Return a console in colour. The process environment has no say: the caller has already asked it."""
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        color_system="standard",
        force_terminal=True,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
