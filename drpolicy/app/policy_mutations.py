"""Mutations of examples: a policy whose passing examples pass whatever is done to them asserts nothing that is written.

A mutation takes one thing out of a passing example (an attribute, a block, a key, a file), gives a line of it the value that
the same line has in a failing one, or puts in a line of a failing one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drpolicy.app.policy_examples import run_example
from drpolicy.model.patterns import deferred
from drpolicy.model.records import replace
from drpolicy.policy.compiled import CompiledPolicy

_SETTING = deferred(r"\s*(?:- )?(?P<key>[\w.\"/-]+)\s*(?:=|:)\s*\S")


def flipped(policy: CompiledPolicy) -> str | None:
    """Return a mutation after which a passing example fails, as ``path:line``; ``None`` when there is none."""
    examples = policy.document.examples
    failing = _settings(text for each in examples if each.expect == "fail" for text in each.files.values())
    for example in examples:
        if example.expect != "pass":
            continue
        for where, files in _mutations(example.files, failing):
            if run_example(policy, replace(example, files=files)).given == "fail":
                return where
    return None


def _mutations(files: Mapping[str, str], failing: Mapping[str, list[str]]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for path, text in files.items():
        lines = text.splitlines()
        for first, last in parts(path, text):
            yield f"{path}:{first + 1}", {**files, path: _joined(lines[:first] + lines[last:])}
        for at, line in enumerate(lines):
            found = _SETTING.match(line)
            for other in failing.get(found["key"], ()) if found is not None else ():
                if other.strip() != line.strip():
                    indent = line[: len(line) - len(line.lstrip())]
                    yield f"{path}:{at + 1}", {**files, path: _joined([*lines[:at], indent + other.strip(), *lines[at + 1 :]])}
        for at, line in enumerate(lines):
            indent = line[: len(line) - len(line.lstrip())]
            for other in dict.fromkeys(each.strip() for found in failing.values() for each in found):
                yield f"{path}:{at + 2}", {**files, path: _joined([*lines[: at + 1], indent + other, *lines[at + 1 :]])}
        if len(files) > 1:
            yield path, {name: each for name, each in files.items() if name != path}


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _settings(texts: Iterator[str]) -> dict[str, list[str]]:
    """Return the lines of failing examples by what they set."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for line in text.splitlines():
            setting = _SETTING.match(line)
            if setting is not None:
                found.setdefault(setting["key"], []).append(line)
    return found


def parts(path: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield what can be taken out of a file, as ranges of lines: each attribute, each block, each key with what is below it."""
    lines = text.splitlines()
    yaml = path.endswith((".yaml", ".yml"))
    for first, line in enumerate(lines):
        if line.strip() and line.strip() not in {"}", "]", "---"}:
            yield first, _below(lines, first) if yaml else _closed(lines, first)


def _closed(lines: list[str], first: int) -> int:
    depth = 0
    for at in range(first, len(lines)):
        depth += sum(map(lines[at].count, "{[(")) - sum(map(lines[at].count, "}])"))
        if depth <= 0:
            return at + 1
    return first + 1


def _below(lines: list[str], first: int) -> int:
    indent = len(lines[first]) - len(lines[first].lstrip())
    at = first + 1
    while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
        at += 1
    return at
