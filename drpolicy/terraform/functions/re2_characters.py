"""Sets of characters in regular expressions, by range and by general category."""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

PERL = {"d": "0-9", "w": "0-9A-Z_a-z", "s": "\t\n\f\r "}
POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\x00-\x7f",
    "blank": "\t ",
    "cntrl": "\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@[-`{-~",
    "space": "\t-\r ",
    "upper": "A-Z",
    "word": "0-9A-Z_a-z",
    "xdigit": "0-9A-Fa-f",
}
CATEGORY = deferred("L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfos]?")
SCRIPT = deferred(
    "Arabic|Armenian|Bengali|Bopomofo|Braille|Cherokee|Common|Coptic|Cyrillic|Devanagari|Ethiopic|Georgian|Greek|Gujarati|Gurmukhi|Han|Hangul"
    "|Hebrew|Hiragana|Inherited|Kannada|Katakana|Khmer|Lao|Latin|Malayalam|Mongolian|Myanmar|Oriya|Runic|Sinhala|Syriac|Tamil|Telugu|Thaana"
    "|Thai|Tibetan|Yi"
)

Ranges: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Characters:
    """One character: of the ranges, of the categories, or, negated, of neither."""

    ranges: Ranges
    negated: bool = False
    folded: bool = False
    within: tuple[Characters, ...] = ()
    categories: tuple[str, ...] = ()

    def holds(self, char: str) -> bool:
        """Whether a character is one of these; folded ones ignore case."""
        return (self._plain(char) or (self.folded and any(map(self._plain, _folds(char))))) is not self.negated

    def _plain(self, char: str) -> bool:
        return (
            any(low <= char <= high for low, high in self.ranges)
            or any(each.holds(char) for each in self.within)
            or (bool(self.categories) and unicodedata.category(char).startswith(self.categories))
        )


def _folds(char: str) -> set[str]:
    found = {char.lower(), char.upper(), char.lower().upper(), char.upper().lower()}
    if char in "kK\u212a":
        found |= set("kK\u212a")
    if char in "sS\u017f":
        found |= set("sS\u017f")
    return {each for each in found if len(each) == 1}


def ranges(written: str) -> Ranges:
    """Return the ranges of ``0-9a-z``."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(written):
        if written[at + 1 : at + 2] == "-" and at + 2 < len(written):
            found.append((written[at], written[at + 2]))
            at += 3
        else:
            found.append((written[at], written[at]))
            at += 1
    return tuple(found)
