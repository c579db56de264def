"""What is said when an option or a command is not one: the nearest that is, with the usage of the command it was given to."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from drpolicy.model.patterns import deferred

_CHOICE: Final = deferred(r"invalid choice: '(?P<given>[^']*)' \((?:choose from|maybe you meant:?) (?P<choices>.*)\)")
_NAME: Final = deferred(r"[\w-]+")


class Arguments(argparse.ArgumentParser):
    """A parser that says which option or command was meant, with the usage of the command that it was given to."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse; what this parser does not know is its own mistake to report, not that of the one above it."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}{self._meant(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """End with the usage and the message; a name that is not one of the choices comes with the nearest that is."""
        wrong = _CHOICE.search(message)
        if wrong is not None:
            near = _nearest(wrong["given"], _NAME.findall(wrong["choices"]))
            message = f"{message[: wrong.start()]}no {wrong['given']!r} here; did you mean {near!r}?" if near else message
        super().error(message)

    def _meant(self, rest: Sequence[str]) -> str:
        known = [option for action in self._actions for option in action.option_strings if option.startswith("--")]
        option = next((each.partition("=")[0] for each in rest if each.startswith("-")), "")
        near = _nearest(option, known)
        return f"; did you mean {near}?" if near else ""


def _nearest(given: str, known: Sequence[str]) -> str:
    # Only a mistake needs it.
    from difflib import get_close_matches

    return next(iter(get_close_matches(given, known, 1)), "") if given else ""
