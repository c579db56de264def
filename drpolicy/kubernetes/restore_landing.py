"""Where a restore lands and what it is called, as far as a script says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from drpolicy.kubernetes.navigation import elements, entries, inside, text
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.kubernetes.shell_calls import Options
from drpolicy.kubernetes.shell_status import Program
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Members, Unknown, Value

_VARIABLE = deferred(r"\$\{(\w+)\}|\$(\w+)")
_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset"})
_OPEN = deferred(r"[$`*]|\{\{")


@dataclass(frozen=True, slots=True, eq=False)
class Landing:
    """The namespaces that a restore fills, and its name.

    ``namespaces`` are the mapped names; variables whose value is not in the script stand as ``$NAME``. Not ``closed``: there may be
    more. ``name`` is ``None`` when it is not known, is generated, or differs from run to run.
    ``mapped`` when some namespace is restored under another name.
    """

    name: str | None = None
    namespaces: frozenset[str] = frozenset()
    closed: bool = False
    mapped: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def holds(self, namespace: str) -> Truth:
        """Whether a namespace is one that the restore fills."""
        if namespace in self.namespaces:
            return Truth.TRUE
        if not self.closed or is_open(namespace) or any(is_open(each) for each in self.namespaces):
            return Truth.UNKNOWN
        return Truth.FALSE

    def resolved(self, program: Program, written: str) -> str:
        """Return a text with the variables that the script or the container gives one literal value replaced."""

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            given = assignments(program, name)
            texts = {word.text.removeprefix(f"{name}=") for word in given}
            if len(texts) == 1 and all(word.literal and word.text.startswith(f"{name}=") for word in given):
                return texts.pop()
            return f"${name}" if given else self.environment.get(name, f"${name}")

        return _VARIABLE.sub(value, written)


def is_open(written: str) -> bool:
    """Whether a text is decided at run time."""
    return _OPEN.search(written) is not None


def assignments(program: Program, name: str) -> list[Word]:
    """Return every assignment of a variable, as it is written (``NAME=value``), in the order of writing."""
    found: list[Word] = []
    for call in program.calls:
        found.extend(word for variable, word in call.node.assignments if variable == name)
        if call.name in _DECLARING:
            found.extend(word for word in call.arguments if word.text.startswith(f"{name}="))
    return found


def assigned(program: Program, name: str, before: int) -> Word | None:
    """Return the last assignment of a variable before an offset."""
    return next((word for word in reversed(assignments(program, name)) if word.start < before), None)


def of_flags(program: Program, options: Options, environment: Mapping[str, str]) -> Landing:
    """Return where ``velero restore create`` puts what it restores. Without a name, velero makes one of the time."""
    bare = Landing(environment=environment)

    def listed(flag: str) -> list[str]:
        given = options.flags.get(flag)
        return [] if given is None else [bare.resolved(program, each) for each in given[0].split(",") if each]

    pairs = (each.partition(":") for each in listed("--namespace-mappings"))
    mapping = {source: target for source, _, target in pairs if target}
    return _landing(program, options.plain[2].text if len(options.plain) > 2 else None, listed("--include-namespaces"), mapping, bare)


def of_body(program: Program, body: tuple[int, int], environment: Mapping[str, str]) -> Landing:
    """Return where a Restore object puts what it restores; nothing is known of one that is no YAML before it is expanded."""
    bare = Landing(environment=environment)
    written = program.script.text[slice(*body)]
    if written[:1] in {"'", '"'}:
        written = written[1:-1]
    # Only a script that writes a Restore object needs the YAML library.
    from drpolicy.sources.yaml_documents import documents

    for document in documents(Source("", written)):
        if text(inside(document.root, "kind")) == "Restore":
            spec, named = inside(document.root, "spec"), scalar_text(inside(document.root, "metadata", "name"))
            listing = inside(spec, "includedNamespaces")
            included = [bare.resolved(program, each) for each in _texts(elements(listing))]
            pairs = ((source, scalar_text(target)) for source, target in entries(inside(spec, "namespaceMapping")))
            mapping = {
                bare.resolved(program, source): bare.resolved(program, target.text) if target is not None else "$"
                for source, target in pairs
            }
            whole = isinstance(listing, Known) and isinstance(listing.value, Members)
            return _landing(program, named.text if named is not None else None, included if whole else [], mapping, bare)
    return bare


def _texts(values: Iterable[Value[object]]) -> Iterable[str]:
    for value in values:
        scalar = scalar_text(value)
        if scalar is not None:
            yield scalar.text
        elif isinstance(value, Unknown):
            yield "$"


def _landing(program: Program, name: str | None, included: list[str], mapping: Mapping[str, str], bare: Landing) -> Landing:
    resolved = bare.resolved(program, name) if name is not None else None
    fixed = resolved if resolved and not is_open(resolved) else None
    closed = bool(included) and "*" not in included
    named = {mapping.get(each, each) for each in included} if closed else set(mapping.values())
    if any(is_open(each) for each in (*included, *mapping)):
        # Which of the namespaces is which is decided at run time.
        named |= set(mapping.values())
    return Landing(fixed, frozenset(named), closed, bool(mapping), bare.environment)
