"""Numbers as Terraform computes with them: binary fractions of 512 bits, written with the fewest digits that tell them apart.

Terraform has one number type, Go's ``big.Float`` (zclconf/go-cty, cty/value_ops.go, 2026-11). Whole numbers are ``int`` here;
others are ``Precise``, which to everybody else is the nearest ``float``. A plain ``float`` stands for its decimal notation.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from drpolicy.terraform.unknowns import EvaluationError, TooLarge

BITS = 512
"""The precision of what is written in HCL, and of nearly all results."""

FLOAT_BITS = 53
EXPONENT_LIMIT = 16_384
"""Powers of two beyond which a number is not evaluated."""

Number: TypeAlias = int | float


class Precise(float):
    """A number that is not whole: its exact ``fraction``, and the precision that it has been rounded to."""

    __slots__ = ("bits", "fraction")
    fraction: Fraction
    bits: int

    def __new__(cls, fraction: Fraction, bits: int = BITS) -> Precise:
        made = super().__new__(cls, _nearest(fraction))
        made.fraction, made.bits = fraction, bits
        return made

    def __eq__(self, other: object) -> bool:
        return exact(other) == self.fraction if isinstance(other, (int, float)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.fraction)

    def __repr__(self) -> str:
        return digits(self.fraction, self.bits)

    def __reduce__(self) -> tuple[type[Precise], tuple[Fraction, int]]:
        return Precise, (self.fraction, self.bits)


def _nearest(fraction: Fraction) -> float:
    try:
        return float(fraction)
    except OverflowError:
        return float("inf") if fraction > 0 else float("-inf")


def exact(value: Number) -> Fraction:
    """Return the binary fraction that a number is."""
    if isinstance(value, Precise):
        return value.fraction
    if isinstance(value, int):
        return Fraction(value)
    try:
        return rounded(Fraction(repr(value)))
    except ValueError as error:
        raise TooLarge("the number is not finite") from error


def precision_of(value: Number) -> int:
    """Return how many bits a number is computed with."""
    return value.bits if isinstance(value, Precise) else BITS


def rounded(fraction: Fraction, bits: int = BITS) -> Fraction:
    """Round to the nearest binary fraction of so many significant bits, halves to even."""
    if fraction == 0:
        return fraction
    over, under = abs(fraction.numerator), fraction.denominator
    shift = bits - (over.bit_length() - under.bit_length())
    if abs(shift - bits) > EXPONENT_LIMIT:
        raise TooLarge("the number is larger or smaller than is evaluated")
    scaled = Fraction(over << shift, under) if shift >= 0 else Fraction(over, under << -shift)
    if scaled >= 1 << bits:
        scaled, shift = scaled / 2, shift - 1
    whole = round(scaled)
    found = Fraction(whole, 1 << shift) if shift >= 0 else Fraction(whole << -shift)
    return -found if fraction < 0 else found


def made(fraction: Fraction, bits: int = BITS) -> Number:
    """Return the number that a computation gives: rounded, and an ``int`` when it is whole."""
    found = rounded(fraction, bits)
    return int(found) if found.denominator == 1 else Precise(found, bits)


def read(text: str) -> Number:
    """Return the number that decimal notation stands for; the caller has checked the notation."""
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > 5000 or len(exponent.lstrip("+-0")) > 4 or abs(int(exponent or 0)) > 4900:
        raise TooLarge("the number is larger or smaller than is evaluated")
    return made(Fraction(f"{mantissa.rstrip('.')}e{exponent or 0}"))


@lru_cache(maxsize=1024)
def digits(fraction: Fraction, bits: int = BITS) -> str:
    """Return the shortest decimal notation, without exponent, that no other number of that precision has as its nearest."""
    sign, size = ("-", -fraction) if fraction < 0 else ("", fraction)
    over, under = size.numerator, size.denominator
    exponent = over.bit_length() - under.bit_length()
    if size < Fraction(2) ** exponent:
        exponent -= 1
    half = Fraction(2) ** (exponent - bits)
    even = (size / (half * 2)).numerator % 2 == 0
    power = size == Fraction(2) ** exponent
    low, high = size - (half / 2 if power else half), size + half
    decimal = len(str(int(size))) if size >= 1 else _leading(size)
    least, most = 1, bits
    while least < most:
        count = (least + most) // 2
        if _nearby(size, low, high, even, Fraction(10) ** (count - decimal)) is None:
            least = count + 1
        else:
            most = count
    chosen = _nearby(size, low, high, even, Fraction(10) ** (least - decimal))
    assert chosen is not None
    return sign + _placed(str(chosen), least - decimal)


def _nearby(size: Fraction, low: Fraction, high: Fraction, even: bool, scale: Fraction) -> int | None:
    """Return the scaled number without fraction that still reads back as ``size``; ``None`` when there is none."""
    down = size * scale // 1
    fits_down = down > low * scale or (even and down == low * scale)
    fits_up = down + 1 < high * scale or (even and down + 1 == high * scale)
    if fits_down and fits_up:
        return round(size * scale)
    return down if fits_down else down + 1 if fits_up else None


def _leading(size: Fraction) -> int:
    """Return the (negative or zero) position of the first digit after the point of a number below one."""
    found = len(str(size.numerator)) - len(str(size.denominator))
    while size * Fraction(10) ** -found >= 1:
        found += 1
    while size * Fraction(10) ** -found < Fraction(1, 10):
        found -= 1
    return found


def _placed(number: str, after: int) -> str:
    if after <= 0:
        return number + "0" * -after
    padded = number.rjust(after + 1, "0")
    whole, part = padded[:-after], padded[-after:].rstrip("0")
    return f"{whole}.{part}" if part else whole


def written(value: Number) -> str:
    """Return a number as Terraform writes it into strings and JSON."""
    if isinstance(value, int):
        if value.bit_length() > EXPONENT_LIMIT:
            raise TooLarge("the number has more digits than are evaluated")
        return digits(Fraction(value)) if value.bit_length() > BITS else str(value)
    if value == 0:
        return "-0" if str(value).startswith("-") else "0"
    return digits(value.fraction, value.bits) if isinstance(value, Precise) else digits(exact(value))


def added(left: Number, right: Number) -> Number:
    """Return ``left + right``."""
    return made(exact(left) + exact(right), max(precision_of(left), precision_of(right)))


def divided(left: Number, right: Number) -> Number:
    """Return ``left / right``."""
    if right == 0:
        if left == 0:
            raise EvaluationError("zero is divided by zero")
        # Not an error to Terraform, but a number that cannot be written anywhere.
        raise TooLarge("division by zero is infinite")
    return made(exact(left) / exact(right), max(precision_of(left), precision_of(right)))


def remainder(left: Number, right: Number) -> Number:
    """Return ``left % right``, with the sign of ``left``; by zero it is ``left``."""
    if right == 0:
        return left
    ours, theirs = exact(left), exact(right)
    times = int(rounded(ours / theirs))
    return made(ours - rounded(theirs * times))


def multiplied(left: Number, right: Number) -> Number:
    """Return ``left * right``, with all the bits that the product needs up to 512."""
    product = exact(left) * exact(right)
    needed = product.numerator.bit_length()
    return made(product, max(precision_of(left), precision_of(right), min(needed, BITS)))


def negated(value: Number) -> Number:
    """Return ``-value``; minus zero stays a zero of its own, as it is written with its sign."""
    if isinstance(value, Precise):
        return Precise(-value.fraction, value.bits)
    return -value if value else -0.0
