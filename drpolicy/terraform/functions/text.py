"""String functions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived
from drpolicy.model.values import Absent, Known, Value
from drpolicy.terraform.conversion import SIZE_LIMIT, TEXT_LIMIT, PlainList, integer, text
from drpolicy.terraform.functions.formatting import FORMATTING
from drpolicy.terraform.functions.re2_matching import Compiled, Match, compiled
from drpolicy.terraform.functions.table import Function, Site, Values
from drpolicy.terraform.graphemes import graphemes
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, derived_unknown, origins

_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def _captures(names: tuple[str | None, ...], found: Match, body: str) -> Any:
    groups = [None if start < 0 else body[start:end] for start, end in found.spans]
    if not names:
        return groups[0]
    if names[0] is None:
        return groups[1:]
    return dict(zip(names, groups[1:], strict=True))


def _searched(written: Any, subject: Any) -> tuple[Compiled, str]:
    return compiled(text(written)), text(subject)


def _regex(written: Any, subject: Any) -> Any:
    pattern, body = _searched(written, subject)
    found = pattern.first(body)
    if found is None:
        raise EvaluationError("the pattern does not match")
    return _captures(pattern.names, found, body)


def _regexall(written: Any, subject: Any) -> PlainList:
    pattern, body = _searched(written, subject)
    matches = itertools.islice(pattern.matches(body), SIZE_LIMIT + 1)
    return PlainList(_captures(pattern.names, found, body) for found in matches)


def _replace(subject: Any, search: Any, replacement: Any) -> str:
    body, wanted, other = text(subject), text(search), text(replacement)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return _replaced(body, wanted[1:-1], other)
    if len(body) + (body.count(wanted) if wanted else len(body) + 1) * len(other) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return body.replace(wanted, other)


@lru_cache(maxsize=2048)
def _replaced(body: str, written: str, other: str) -> str:
    pattern = compiled(written)
    pieces: list[str] = []
    at = size = 0
    for found in pattern.matches(body):
        pieces += (body[at : found.start], _substituted(pattern.names, found, body, other))
        size += len(pieces[-1])
        if size > TEXT_LIMIT:
            raise TooLarge("the string is longer than is evaluated")
        at = found.end
    return "".join((*pieces, body[at:]))


_REFERENCE = deferred(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _substituted(names: tuple[str | None, ...], found: Match, body: str, replacement: str) -> str:
    """Expand ``$1``, ``$name`` and ``${name}`` as Go's Regexp.Expand does (pkg.go.dev/regexp, 2026-11)."""

    def group(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        number = int(name) if name.isdecimal() else names.index(name) + 1 if name in names else -1
        if not 0 <= number < len(found.spans):
            return ""
        start, end = found.spans[number]
        return body[start:end] if start >= 0 else ""

    return _REFERENCE.sub(group, replacement) if "$" in replacement else replacement


def _substr(subject: Any, offset: Any, length: Any) -> str:
    clusters, start, count = graphemes(text(subject)), integer(offset), integer(length)
    if start < 0:
        start = max(start + len(clusters), 0)
    # Terraform takes a length of zero after a negative offset, and any negative one, for the rest.
    rest = count < 0 or (count == 0 and integer(offset) < 0)
    return "".join(clusters[start:] if rest else clusters[start : start + count])


def _indent(spaces: Any, subject: Any) -> str:
    count, body = integer(spaces), text(subject)
    if count < 0:
        raise EvaluationError("the number of spaces must not be negative")
    if count * (body.count("\n") + 1) + len(body) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return body.replace("\n", "\n" + " " * count)


def _title(subject: Any) -> str:
    # A word begins after anything that is no letter, digit, underscore or apostrophe inside one: Go's strings.Title.
    return re.sub(r"(?<!\w)\w", lambda found: _mapped(found[0], str.title), text(subject))


def _mapped(body: str, change: Callable[[str], str]) -> str:
    """Change each character by itself, as Go does; Python may make several of one, or look at its neighbours."""
    if body.isascii():
        return change(body)
    return "".join(made if len(made := change(char)) == 1 else made[0] if char == "İ" else char for char in body)


def _split(separator: Any, subject: Any) -> PlainList:
    wanted, body = text(separator), text(subject)
    return PlainList(body.split(wanted) if wanted else body)


def _at_end(side: Literal[0, -1]) -> Callable[[Values, Site], Value[Any]]:
    """``startswith`` (0) and ``endswith`` (-1), which the known first or last piece of an unknown string may decide."""

    def holds(body: str, wanted: str) -> bool:
        return body.startswith(wanted) if side == 0 else body.endswith(wanted)

    def apply(arguments: Values, site: Site) -> Value[Any]:
        subject, wanted = arguments
        if isinstance(subject, Absent) or isinstance(wanted, Absent):
            raise EvaluationError(f"an argument of {site.name} is null")
        decided: bool | None = None
        if isinstance(wanted, Known):
            end = text(wanted.value)
            piece = subject if isinstance(subject, Known) else subject.parts[side] if subject.parts else None
            known = text(piece.value) if isinstance(piece, Known) else ""
            if isinstance(subject, Known) or holds(known, end):
                decided = holds(known, end)
            elif not holds(end, known):
                decided = False
        if decided is None:
            return derived_unknown(site.name, arguments, site.span)
        return Known(decided, Derived(site.name, origins(arguments), site.span))

    return apply


FUNCTIONS: dict[str, Function] = {
    "chomp": Function(lambda subject: re.sub(r"[\r\n]+\Z", "", text(subject)), 1, 1),
    "endswith": Function(_at_end(-1), 2, 2, "values"),
    "indent": Function(_indent, 2, 2),
    "lower": Function(lambda subject: _mapped(text(subject), str.lower), 1, 1),
    "regex": Function(_regex, 2, 2),
    "regexall": Function(_regexall, 2, 2),
    "replace": Function(_replace, 3, 3),
    "split": Function(_split, 2, 2),
    "startswith": Function(_at_end(0), 2, 2, "values"),
    "strcontains": Function(lambda subject, part: text(part) in text(subject), 2, 2),
    "strrev": Function(lambda subject: "".join(reversed(graphemes(text(subject)))), 1, 1),
    "substr": Function(_substr, 3, 3),
    "title": Function(_title, 1, 1),
    "trim": Function(lambda subject, cut: text(subject).strip(text(cut)) if text(cut) else text(subject), 2, 2),
    "trimprefix": Function(lambda subject, cut: text(subject).removeprefix(text(cut)), 2, 2),
    "trimspace": Function(lambda subject: text(subject).strip(_SPACE), 1, 1),
    "trimsuffix": Function(lambda subject, cut: text(subject).removesuffix(text(cut)), 2, 2),
    "upper": Function(lambda subject: _mapped(text(subject), str.upper), 1, 1),
    **FORMATTING,
}
