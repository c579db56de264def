"""What one verb of ``format`` writes (functions/format, 2026-11)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from drpolicy.model.values import Known, Members, Object, Value
from drpolicy.terraform.conversion import boolean, integer, number, plain, text
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.graphemes import graphemes
from drpolicy.terraform.precision import digits, exact, precision_of
from drpolicy.terraform.unknowns import EvaluationError, TooLarge

_WIDEST = 10_000
_RADIX = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}


class Verb(NamedTuple):
    """``%``, flags, width, precision, letter."""

    flags: str
    width: int | None
    precision: int | None
    letter: str


def formatted(verb: Verb, value: Value[Any]) -> str:
    """Return the text of one argument; raise ``EvaluationError`` where the verb refuses it."""
    if (verb.width or 0) > _WIDEST or (verb.precision or 0) > _WIDEST:
        raise TooLarge("the string is longer than is evaluated")
    inner = value.value if isinstance(value, Known) else None
    if inner is None:
        raise EvaluationError("null cannot be formatted")
    match verb.letter:
        case "v" if isinstance(inner, (Members, Object)) or "#" in verb.flags:
            return _padded(dumps(plain(value)), verb)
        case "v" | "s":
            written = text(inner)
            if verb.precision is not None and verb.letter == "s":
                written = "".join(graphemes(written)[: verb.precision])
            return _padded(written, verb)
        case "q":
            return _padded(dumps(text(inner)), verb)
        case "t":
            return text(boolean(inner))
        case "d":
            return _padded(_signed(text(integer(inner)), verb), verb)
        case "x" | "X" | "o" | "b":
            if isinstance(inner, str):
                raise EvaluationError("a whole number is required")
            found = integer(inner)
            prefix = _RADIX[verb.letter] if "#" in verb.flags else ""
            return _padded(_signed(f"{'-' if found < 0 else ''}{prefix}{abs(found):{verb.letter}}", verb), verb)
        case "f" | "e" | "E" | "g" | "G":
            return _padded(_signed(_decimal(number(inner), verb), verb), verb)
        case _:
            raise EvaluationError(f"the format has an unknown verb %{verb.letter}")


def _signed(written: str, verb: Verb) -> str:
    if written.startswith("-"):
        return written
    return "+" + written if "+" in verb.flags else " " + written if " " in verb.flags else written


def _padded(written: str, verb: Verb) -> str:
    missing = (verb.width or 0) - len(graphemes(written))
    if missing <= 0:
        return written
    if "-" in verb.flags:
        return written + " " * missing
    if "0" in verb.flags:
        sign = written[:1] if written[:1] in ("-", "+") else ""
        return sign + "0" * missing + written[len(sign) :]
    return " " * missing + written


def _decimal(value: int | float, verb: Verb) -> str:
    """Write a number from its exact value, as Go's big.Float does."""
    size, sign = abs(exact(value)), "-" if exact(value) < 0 else ""
    letter, precision = verb.letter.lower(), verb.precision
    if letter == "f":
        return sign + _fixed(size, 6 if precision is None else precision)
    if letter == "e":
        written = _scientific(*_significant(size, (6 if precision is None else precision) + 1))
    elif precision is None:
        shortest = digits(size, precision_of(value)).replace(".", "").strip("0") or "0"
        written = _general(shortest, _exponent(size), 6)
    else:
        found, exponent = _significant(size, max(precision, 1))
        written = _general(found.rstrip("0") or "0", exponent, max(precision, 1))
    return sign + (written.upper() if verb.letter.isupper() else written)


def _fixed(size: Fraction, after: int) -> str:
    scaled = str(round(size * 10**after)).rjust(after + 1, "0")
    return f"{scaled[:-after]}.{scaled[-after:]}" if after else scaled


def _exponent(size: Fraction) -> int:
    """Return the decimal exponent of the first digit."""
    if size == 0:
        return 0
    found = len(str(size.numerator)) - len(str(size.denominator))
    return found if Fraction(10) ** found <= size else found - 1


def _significant(size: Fraction, count: int) -> tuple[str, int]:
    """Return so many digits, rounded, and the exponent of the first."""
    exponent = _exponent(size)
    found = str(round(size * Fraction(10) ** (count - 1 - exponent)))
    if len(found) > count:
        found, exponent = found[:count], exponent + 1
    return found.ljust(count, "0"), exponent


def _scientific(found: str, exponent: int) -> str:
    mantissa = f"{found[0]}.{found[1:]}" if len(found) > 1 else found
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _general(found: str, exponent: int, precision: int) -> str:
    """Write with an exponent when that is very small, or not below the precision (Go: strconv.FormatFloat, 'g')."""
    if exponent < -4 or exponent >= precision:
        return _scientific(found, exponent)
    if exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{found}"
    whole = found[: exponent + 1].ljust(exponent + 1, "0")
    part = found[exponent + 1 :]
    return f"{whole}.{part}" if part else whole
