"""String functions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from drpolicy.terraform.conversion import TEXT_LIMIT, integer, text
from drpolicy.terraform.functions.formatting import FORMATTING
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError, TooLarge, Unsupported

_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# What RE2 and Python read differently, and what can make Python backtrack without end.
_FOREIGN = re.compile(r"\\[pPQECXzZGABhHRXKk]|\(\?(?![:isP])|\(\?P=|\[\[:|\\x\{|[+*?}]\+|\(\?[isU-]*U")
_NESTED_QUANTIFIER = re.compile(r"[+*}]\)?[^()\[\]]*\)[+*{]|\|.*\)[+*{]")


@lru_cache(maxsize=256)
def pattern(written: str) -> re.Pattern[str]:
    """Return an RE2 pattern as Python's; refuse what the two read differently or what could take forever."""
    if len(written) > 500 or _FOREIGN.search(written) or _NESTED_QUANTIFIER.search(written):
        raise Unsupported("the regular expression is not evaluated")
    try:
        # ``$`` without (?m) is the very end in RE2.
        return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", written), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unsupported("the regular expression is not evaluated") from error


def _captures(found: re.Match[str]) -> Any:
    if found.re.groupindex:
        if len(found.re.groupindex) != found.re.groups:
            raise EvaluationError("named and unnamed groups cannot be mixed")
        return dict(found.groupdict())
    return list(found.groups()) if found.re.groups else found.group()


def _searched(written: Any, subject: Any) -> tuple[re.Pattern[str], str]:
    body = text(subject)
    if len(body) > 20_000:
        raise TooLarge("the string is too long to be searched")
    return pattern(text(written)), body


def _regex(written: Any, subject: Any) -> Any:
    compiled, body = _searched(written, subject)
    found = compiled.search(body)
    if found is None:
        raise EvaluationError("the pattern does not match")
    return _captures(found)


def _regexall(written: Any, subject: Any) -> Any:
    compiled, body = _searched(written, subject)
    return [_captures(found) for found in compiled.finditer(body)]


def _replace(subject: Any, search: Any, replacement: Any) -> str:
    body, wanted, other = text(subject), text(search), text(replacement)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        compiled, body = _searched(wanted[1:-1], body)
        return compiled.sub(lambda found: _substituted(found, other), body)
    if len(body) + (body.count(wanted) if wanted else len(body) + 1) * len(other) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return body.replace(wanted, other)


_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _substituted(found: re.Match[str], replacement: str) -> str:
    def group(reference: re.Match[str]) -> str:
        if reference.group(1):
            return "$"
        name = reference.group(2) or reference.group(3)
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, error_type):
            return ""

    return _REFERENCE.sub(group, replacement)


error_type = re.error


def _substr(subject: Any, offset: Any, length: Any) -> str:
    body, start, count = text(subject), integer(offset), integer(length)
    if start < 0:
        start += len(body)
        if start < 0:
            raise EvaluationError("the offset is before the start of the string")
    if count < -1:
        raise EvaluationError("the length must be -1 or more")
    return body[start:] if count == -1 else body[start : start + count]


def _indent(spaces: Any, subject: Any) -> str:
    count, body = integer(spaces), text(subject)
    if count < 0 or count * (body.count("\n") + 1) + len(body) > TEXT_LIMIT:
        raise TooLarge("the string is longer than is evaluated")
    return body.replace("\n", "\n" + " " * count)


def _title(subject: Any) -> str:
    # A word begins after anything that is no letter, digit or underscore, apostrophes included: that is Go's strings.Title.
    return re.sub(r"(?<!\w)\w", lambda found: found.group().upper(), text(subject))


def _split(separator: Any, subject: Any) -> list[str]:
    wanted, body = text(separator), text(subject)
    return body.split(wanted) if wanted else list(body)


def _string_list(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise EvaluationError("a list is required")
    return items


FUNCTIONS: dict[str, Function] = {
    "chomp": Function(lambda subject: re.sub(r"[\r\n]+\Z", "", text(subject)), 1, 1),
    "endswith": Function(lambda subject, end: text(subject).endswith(text(end)), 2, 2),
    "indent": Function(_indent, 2, 2),
    "lower": Function(lambda subject: text(subject).lower(), 1, 1),
    "regex": Function(_regex, 2, 2),
    "regexall": Function(_regexall, 2, 2),
    "replace": Function(_replace, 3, 3),
    "split": Function(_split, 2, 2),
    "startswith": Function(lambda subject, start: text(subject).startswith(text(start)), 2, 2),
    "strcontains": Function(lambda subject, part: text(part) in text(subject), 2, 2),
    "strrev": Function(lambda subject: text(subject)[::-1], 1, 1),
    "substr": Function(_substr, 3, 3),
    "title": Function(_title, 1, 1),
    "trim": Function(lambda subject, cut: text(subject).strip(text(cut)) if text(cut) else text(subject), 2, 2),
    "trimprefix": Function(lambda subject, cut: text(subject).removeprefix(text(cut)), 2, 2),
    "trimspace": Function(lambda subject: text(subject).strip(_SPACE), 1, 1),
    "trimsuffix": Function(lambda subject, cut: text(subject).removesuffix(text(cut)), 2, 2),
    "upper": Function(lambda subject: text(subject).upper(), 1, 1),
    **FORMATTING,
}
