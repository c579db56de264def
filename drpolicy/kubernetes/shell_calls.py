"""The commands that a script calls, each with where it stands in the structure of the script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_tree import AndOr, Command, Compound, Pipeline, Script, Sequence, Simple
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.records import dataclass

INNER_LIMIT: Final = 8
"""Scripts inside scripts: ``$(…)``, ``trap '…'``, ``sh -c '…'``."""

SHELLS: Final = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_WRAPPERS: Final = {"exec": 0, "command": 0, "sudo": 0, "nohup": 0, "env": 0, "time": 0, "nice": 0, "busybox": 0, "timeout": 1, "xargs": 0}
VALUE_FLAGS: Final = frozenset(
    {
        "-n", "--namespace", "-l", "--selector", "-o", "--output", "--kubeconfig", "--context", "--kubecontext", "-f", "--filename", "-c",
        "--container", "--timeout", "--for", "--from-backup", "--from-schedule", "--include-namespaces", "--exclude-namespaces",
        "--namespace-mappings", "--include-resources", "--exclude-resources", "--region", "--profile", "--endpoint-url", "--sort-by",
        "--field-selector", "--request-timeout", "--cluster", "--user", "--server", "--token", "--as", "-s", "--restore-name",
        "--existing-resource-policy", "--item-operation-timeout", "--or-selector", "--labels", "--annotations",
        "--ttl", "--storage-location", "--volume-snapshot-locations", "--schedule", "--provider", "--bucket", "--prefix", "--config",
        "--access-mode", "--backup-sync-period", "--csi-snapshot-timeout", "--resource-policies-configmap", "--backup-location-config",
        "--snapshot-location-config", "--plugins", "--secret-file", "--image", "--sa-annotations", "--features", "--sa-name",
    }
)  # fmt: skip
"""Flags of kubectl, velero and aws whose value may be the next word."""


class Frame(NamedTuple):
    """One step down: member ``position`` of a node. ``role`` is how a compound or simple command holds what is below it."""

    node: Sequence | AndOr | Pipeline | Compound | Simple
    position: int
    role: str = ""


Path: TypeAlias = tuple[Frame, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One command: its name without directory, its words without wrappers such as ``exec``, and the way down to it."""

    node: Simple
    name: str
    word: Word | None
    arguments: tuple[Word, ...]
    path: Path

    @property
    def start(self) -> int:
        return self.node.start

    @property
    def end(self) -> int:
        return self.node.end

    def inside(self, role: str) -> bool:
        """Whether it stands inside a ``trap``, a ``function``, a ``substitution`` or another role of a frame."""
        return any(frame.role == role for frame in self.path)


@dataclass(frozen=True, slots=True)
class Options:
    """Arguments told apart: plain words, and flags with the word that holds the value, or the flag itself."""

    plain: tuple[Word, ...]
    flags: dict[str, tuple[str, Word]]


def options(arguments: tuple[Word, ...]) -> Options:
    """Tell flags from plain arguments. What follows ``--`` is plain."""
    plain: list[Word] = []
    flags: dict[str, tuple[str, Word]] = {}
    at = 0
    while at < len(arguments):
        word = arguments[at]
        text = word.text
        at += 1
        if text == "--":
            plain.extend(arguments[at:])
            break
        if not text.startswith("-") or text == "-":
            plain.append(word)
            continue
        name, given, value = text.partition("=")
        if given:
            flags[name] = (value, word)
        elif name in VALUE_FLAGS and at < len(arguments):
            flags[name] = (arguments[at].text, arguments[at])
            at += 1
        else:
            flags[name] = ("", word)
    return Options(tuple(plain), flags)


def calls(script: Script) -> tuple[Call, ...]:
    """Return the commands of a script in the order of writing, those in functions and traps included, those in words before theirs."""
    return tuple(_sequence(script.text, script.body, (), 0))


def _sequence(text: str, sequence: Sequence, path: Path, depth: int) -> Iterator[Call]:
    for index, item in enumerate(sequence.items):
        here = (*path, Frame(sequence, index))
        for position, (_, pipeline) in enumerate(item.items):
            within = (*here, Frame(item, position))
            for stage, command in enumerate(pipeline.commands):
                yield from _command(text, command, (*within, Frame(pipeline, stage)), depth)


def _command(text: str, command: Command, path: Path, depth: int) -> Iterator[Call]:
    if isinstance(command, Simple):
        yield from _simple(text, command, path, depth)
        return
    for word in (*command.words, *command.patterns, *(redirect.target for redirect in command.redirects)):
        yield from _inner(text, command, word, path, depth)
    for index, sequence in _written_order(command):
        role = "function" if command.kind == "function" else "condition" if index < 0 else "body"
        yield from _sequence(text, sequence, (*path, Frame(command, index if index >= 0 else -index - 1, role)), depth)


def _written_order(command: Compound) -> list[tuple[int, Sequence]]:
    """Return conditions (numbered from -1 downwards) and bodies in the order of writing."""
    order: list[tuple[int, Sequence]] = []
    for index, body in enumerate(command.bodies):
        if index < len(command.conditions):
            order.append((-index - 1, command.conditions[index]))
        order.append((index, body))
    return order


def _inner(text: str, holder: Simple | Compound, word: Word, path: Path, depth: int) -> Iterator[Call]:
    if depth < INNER_LIMIT:
        for start, end in word.inner:
            yield from _sequence(text, parse_script(text, start, end).body, (*path, Frame(holder, 0, "substitution")), depth + 1)


def _simple(text: str, node: Simple, path: Path, depth: int) -> Iterator[Call]:
    for word in (*(value for _, value in node.assignments), *node.words, *(redirect.target for redirect in node.redirects)):
        yield from _inner(text, node, word, path, depth)
    words = unwrapped(node.words)
    name = words[0].text.rpartition("/")[2] if words else ""
    yield Call(node, name, words[0] if words else None, words[1:], path)
    nested = _nested(name, words)
    if nested is not None and depth < INNER_LIMIT:
        role, word = nested
        quote = text[word.start : word.start + 1] in {"'", '"'}
        start, end = (word.start + 1, word.end - 1) if quote else (word.start, word.end)
        if end > start:
            yield from _sequence(text, parse_script(text, start, end).body, (*path, Frame(node, 0, role)), depth + 1)


def _nested(name: str, words: tuple[Word, ...]) -> tuple[str, Word] | None:
    """Return the script that a command is given in one of its words."""
    if name == "trap" and len(words) > 2 and words[1].text not in {"-", ""}:
        return "trap", words[1]
    if name in SHELLS:
        for index, word in enumerate(words[1:-1], 1):
            if word.text.startswith("-") and not word.text.startswith("--") and word.text.endswith("c"):
                return "nested", words[index + 1]
    return None


def unwrapped(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words without commands that only run another one."""
    while words and (skip := _WRAPPERS.get(words[0].text.rpartition("/")[2])) is not None and len(words) > 1:
        rest = list(words[1:])
        while rest and (rest[0].text.startswith("-") or (words[0].text.endswith("env") and "=" in rest[0].text)):
            rest.pop(0)
        rest = rest[skip:]
        if not rest:
            break
        words = tuple(rest)
    return words
