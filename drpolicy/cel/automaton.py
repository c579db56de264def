"""Match patterns in time linear in the text.

Python's ``re`` backtracks, and a policy must not hang on a long name. The states reached together are remembered, so
that a common text costs a look-up per character.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from drpolicy.cel.regex import END, LARGEST, SPLIT, START, Builder, CharacterSet

_MOST_WORK: Final = 10_000_000
_REMEMBERED: Final = 5000
"""How many steps a pattern remembers."""


class Pattern:
    """A compiled pattern; the state that stands for a match is the last. Raises ValueError with the reason for what is not supported."""

    def __init__(self, text: str) -> None:
        builder = Builder(text)
        self._states, self._first = builder.states, builder.build()
        self._last = len(self._states) - 1
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._begin = self._closure((self._first,), True)
        self._again = self._closure((self._first,), False)

    def search(self, text: str) -> bool:
        """Whether the pattern occurs in a text. Raises ValueError when that would take too long."""
        if len(text) * len(self._states) > _MOST_WORK:
            raise ValueError("the text is too long for the pattern")
        current = self._begin
        for character in text:
            if self._last in current:
                return True
            key = (current, character)
            after = self._steps.get(key)
            if after is None:
                if len(self._steps) >= _REMEMBERED:
                    self._steps.clear()
                after = self._steps[key] = self._step(current, character)
            current = after
        return self._last in self._closure(current, text == "", True)

    def _step(self, current: frozenset[int], character: str) -> frozenset[int]:
        reached = []
        for each in current:
            state = self._states[each]
            if isinstance(state.kind, CharacterSet) and state.kind.holds(character):
                reached.extend(state.follow)
        return self._closure(reached, False) | self._again

    def _closure(self, states: tuple[int, ...] | list[int] | frozenset[int], start: bool, end: bool = False) -> frozenset[int]:
        found: set[int] = set()
        waiting = list(states)
        while waiting:
            each = waiting.pop()
            if each in found:
                continue
            found.add(each)
            state = self._states[each]
            if state.kind is SPLIT or (state.kind is START and start) or (state.kind is END and end):
                waiting.extend(state.follow)
        return frozenset(found)


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """Return the compiled pattern. Raises ValueError with the reason."""
    if len(text) > LARGEST:
        raise ValueError("the pattern is too long")
    return Pattern(text)
