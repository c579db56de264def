"""Version constraints of module calls, as the span of versions that they allow."""

from __future__ import annotations

from typing import Final, NamedTuple

from drpolicy.model.patterns import deferred

Version = tuple[int, int, int]

_TERM: Final = deferred(r"(?P<operator>~>|>=|<=|!=|>|<|=)?\s*v?(?P<version>\d{1,9}(?:\.\d{1,9}){0,2})")


class VersionSpan(NamedTuple):
    """The versions from ``first`` on and before ``before``; without an end when that is ``None``."""

    first: Version = (0, 0, 0)
    before: Version | None = None

    def contains(self, other: VersionSpan) -> bool:
        """Whether every version of the other span is in this one."""
        return self.first <= other.first and (self.before is None or (other.before is not None and other.before <= self.before))

    def intersection(self, other: VersionSpan) -> VersionSpan:
        """Return the versions that are in both."""
        ends = [each for each in (self.before, other.before) if each is not None]
        return VersionSpan(max(self.first, other.first), min(ends) if ends else None)


def allowed_versions(constraint: str) -> VersionSpan | None:
    """Return a span that holds every version a constraint allows; ``None`` for one that cannot be read, or that names a pre-release.

    Terraform docs, "Version constraints", 2026-11. What ``!=`` leaves out is still in the span: it is never too small.
    """
    found = VersionSpan()
    for term in constraint.split(","):
        match = _TERM.fullmatch(term.strip())
        if match is None:
            return None
        found = found.intersection(_term(match["operator"] or "=", [int(each) for each in match["version"].split(".")]))
    return found


def _term(operator: str, numbers: list[int]) -> VersionSpan:
    version = _padded(numbers)
    match operator:
        case "=":
            return VersionSpan(version, _next(version))
        case ">=":
            return VersionSpan(version)
        case ">":
            return VersionSpan(_next(version))
        case "<":
            return VersionSpan(before=version)
        case "<=":
            return VersionSpan(before=_next(version))
        case "~>" if len(numbers) > 1:
            # The last number that is written may grow. With one number only, that is every later version.
            return VersionSpan(version, _padded([*numbers[:-2], numbers[-2] + 1]))
        case "~>":
            return VersionSpan(version)
        case _:
            return VersionSpan()


def _padded(numbers: list[int]) -> Version:
    major, minor, patch = [*numbers, 0, 0][:3]
    return major, minor, patch


def _next(version: Version) -> Version:
    return version[0], version[1], version[2] + 1
