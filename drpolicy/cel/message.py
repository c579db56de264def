"""Messages: text with conditions in braces. ``{{`` and ``}}`` stand for braces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.cel.check import check
from drpolicy.cel.functions import string_of
from drpolicy.cel.parser import MAX_LENGTH, parse_braced
from drpolicy.cel.program import Program
from drpolicy.cel.results import NOTHING, CelError, Nothing, Result, as_members, unwrapped
from drpolicy.cel.strings import pieces
from drpolicy.cel.syntax import CelProblem
from drpolicy.cel.types import Type
from drpolicy.model.durations import Duration
from drpolicy.model.patterns import deferred
from drpolicy.model.ranges import Range
from drpolicy.model.records import dataclass
from drpolicy.model.symbols import named, unwritten_region
from drpolicy.model.truth import Truth
from drpolicy.model.values import Member, Members, Object, Unknown

_BRACE = deferred(r"\{\{|\}\}|\{|\}")
_DEEPEST = 5
_NAME = deferred(r"(?:var|local|module|data)\.[\w.\[\]-]{1,60}|(?:region|role|account) of [\w.\[\]\" /-]{1,60}")
"""What a reader finds in the files. Anything computed has no name there."""
_IDENTITY = ("name", "address", "key", "id")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that parsed and checked."""

    text: str
    parts: tuple[str | Program, ...]

    def render(self, scope: Mapping[str, object]) -> str:
        """Return the text. What is not known shows its name (``<var.region>``) or its pieces, else ``unknown``; what is absent ``none``."""
        return "".join(part if isinstance(part, str) else shown(part.evaluate(scope)) for part in self.parts)


def compile_message(text: str, environment: Mapping[str, Type]) -> Message | list[CelProblem]:
    """Parse and check a message; return it, or the problems with their places in the message. Raises nothing.

    Optional fields may be read as they are.
    """
    if len(text) > MAX_LENGTH:
        return [CelProblem(f"longer than {MAX_LENGTH} characters", MAX_LENGTH, len(text))]
    parts: list[str | Program] = []
    problems: list[CelProblem] = []
    at = 0
    while (brace := _BRACE.search(text, at)) is not None:
        parts.append(text[at : brace.start()])
        at = brace.end()
        match brace[0]:
            case "{{" | "}}":
                parts.append(brace[0][0])
            case "}":
                problems.append(CelProblem("a '}' without '{'; write '}}' for a brace", brace.start(), at))
            case _:
                found = parse_braced(text, at)
                if isinstance(found, CelProblem):
                    return [*problems, found]
                node, at = found
                checked = check(node, environment, lenient=True)
                problems.extend(checked.problems)
                parts.append(Program(text, node, checked.types[id(node)], checked.types))
    parts.append(text[at:])
    return problems or Message(text, tuple(part for part in parts if part != ""))


def shown(result: Result, depth: int = 0) -> str:
    """Return a result for people."""
    match result:
        case CelError(absent=absent):
            return "none" if absent else "unknown"
        case Nothing() | None:
            return "none"
        case Unknown():
            return _shown_unknown(result)
        case bool() | int() | float() | str():
            return string_of(result)
        case Duration() | Range():
            return str(result)
        case Members() | list() | tuple() | frozenset():
            return _shown_members(as_members(result), depth)
        case Object(fields):
            return _shown_entries(fields, depth)
        case dict():
            return _shown_entries(result, depth)
        case _:
            return _shown_record(result, depth)


def _shown_unknown(unknown: Unknown) -> str:
    if unknown.parts:
        return "".join(piece if isinstance(piece, str) else f"<{named(piece.symbol)}>" for piece in pieces(unknown))
    if unknown.among:
        return " or ".join(shown(known.value, _DEEPEST) for known in unknown.among)
    region = unwritten_region(unknown)
    if region:
        return region
    name = named(unknown.cause.symbol)
    if not _NAME.fullmatch(name):
        return "unknown"
    if " of " in name:
        return f"the {name}"
    own = named(unknown.symbol)
    # What follows from a name is not what the name stands for.
    return f"<{own}>" if _NAME.fullmatch(own) else f"what <{name}> decides"


def _shown_members(pool: Members[Any], depth: int) -> str:
    if depth >= _DEEPEST:
        return "…"
    texts: list[str] = []
    for member in pool.elements:
        text = _shown_member(member, depth)
        # Two elements of one list that is not known are called the same.
        if member.presence is not Truth.FALSE and not (_is_unknown(member) and text in texts):
            texts.append(text)
    return ", ".join(texts if pool.rest is None else [*texts, "possibly others"]) or "none"


def _shown_member(member: Member[Any], depth: int) -> str:
    if member.why is not None and _is_unknown(member):
        return _shown_unknown(member.why)
    return ("" if member.presence is Truth.TRUE else "possibly ") + shown(unwrapped(member.value), depth + 1)


def _is_unknown(member: Member[Any]) -> bool:
    """Whether a member is itself not known: it then stands under its symbol, with that as its reason."""
    return member.why is not None and member.value == member.why.symbol


def _shown_entries(fields: Mapping[Any, Any], depth: int) -> str:
    if depth >= _DEEPEST:
        return "…"
    return ", ".join(f"{name}: {shown(unwrapped(value), depth + 1)}" for name, value in fields.items()) or "none"


def _shown_record(record: object, depth: int) -> str:
    identity = next((found for name in _IDENTITY if (found := getattr(record, name, NOTHING)) is not NOTHING), None)
    return type(record).__name__ if identity is None or depth >= _DEEPEST else shown(unwrapped(identity), depth + 1)
