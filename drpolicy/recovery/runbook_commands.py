"""What the commands of a runbook name, held against what was read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from drpolicy.catalog.rows import Catalog, OperationRow
from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_calls import Call, calls, options
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Member, Unknown
from drpolicy.sources.markdown import SHELL_LANGUAGES, Markdown

PLAIN: Final = "PLAIN"
"""In a row of operations: the first plain word after the command's own."""

_BUCKET_URL: Final = "s3://"
_PLACEHOLDER = deferred(r"<[A-Za-z][^<>\n]*+>")
_PROMPT = deferred(r"^([ \t]*+)[$#%>](?=[ \t])", re.MULTILINE)
_OUTPUT = deferred(r"^(?![ \t]*+[$#%>][ \t])[^\n]*+$", re.MULTILINE)
_STAND_IN = deferred(
    r"(?:^|[-_.])(?:your|my|x{3,}|example|placeholder|todo|changeme)(?:[-_.]|$)|(?:^|[-_.])(?:name|id|identifier)$", re.IGNORECASE
)
"""What documents write for a name that the reader is to put in."""
_NAME = deferred(r"(?=.*[a-z0-9])[A-Za-z0-9][A-Za-z0-9._-]*+")
"""A name, and no placeholder such as ``DB_NAME`` or ``{{ name }}``."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One name in a command: of what it may be the name (attribute by type), and where the command looks for it."""

    command: str
    name: str
    types: Mapping[str, str]
    promoted: bool
    region: str | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What commands can name: resources by type and name, and why there may be more."""

    found: Mapping[tuple[str, str], Sequence[Resource]]
    unnamed: Mapping[str, Unknown]
    """Per type: the name of a resource that is not known."""
    types: frozenset[str]
    opened: Mapping[str, Unknown]
    """Per type: why there may be resources that were not read; the empty type stands for every one of Terraform's."""
    catalog: Catalog
    extents: Mapping[str, Span] = field(default_factory=dict)
    """Every resource, whole, by its key."""
    custom: frozenset[tuple[str, str]] = frozenset()
    """Cluster and namespace of every custom resource."""

    def of(self, naming: Naming) -> tuple[Resource, ...]:
        """Return the resources that a command may mean."""
        return tuple(each for type_ in naming.types for each in self.found.get((type_, naming.name), ()))

    def why_open(self, naming: Naming) -> Unknown | None:
        """Return why a name that nothing has may be right all the same; ``None`` when it is not."""
        if not any(type_ in self.types for type_ in naming.types):
            missing = " or ".join(naming.types)
            return Unknown(Reason.OUTSIDE_SCOPE, f"{naming.name}: no {missing} is in the files", Written(naming.span))
        kubernetes = any("/" in type_ for type_ in naming.types)
        causes = [self.unnamed.get(each) or self.opened.get(each) for each in naming.types]
        return next((each for each in causes if each is not None), None if kubernetes else self.opened.get(""))


def names_of(
    resources: Iterable[Resource], catalog: Catalog, opened: Mapping[str, Unknown], undeployed: frozenset[str] = frozenset()
) -> Names:
    """Index what commands can name. Names in ``undeployed`` roots, the library modules, count where they are known."""
    attributes: dict[str, str] = {}
    for row in catalog.operations:
        for types in row.names.values():
            attributes.update(types)
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    unnamed: dict[str, Unknown] = {}
    present: set[str] = set()
    custom: set[tuple[str, str]] = set()
    extents: dict[str, Span] = {}
    for each in resources:
        extents[each.key] = each.extent
        if each.channel == "manifest" and _is_custom(each.type):
            custom.add((each.deployment, namespace_of(each)))
        attribute = attributes.get(each.type)
        if attribute is None:
            continue
        value = each.get(*attribute.split("."))
        if isinstance(value, Known):
            found[each.type, str(value.value)].append(each)
            present.add(each.type)
        elif each.deployment not in undeployed:
            present.add(each.type)
            # A name that nobody writes is made up by the provider.
            unnamed.setdefault(each.type, value if isinstance(value, Unknown) else _made_up(each))
    return Names(found, unnamed, frozenset(present), opened, catalog, extents, frozenset(custom))


def _is_custom(type_: str) -> bool:
    """Whether a kind is defined by a custom resource definition: its group has a domain, and is none of Kubernetes' own."""
    group = type_.partition("/")[0]
    return "." in group and not group.endswith((".k8s.io", "velero.io", "fluxcd.io", "argoproj.io", "kustomize.config.k8s.io"))


def _made_up(resource: Resource) -> Unknown:
    return Unknown(Reason.COMPUTED, f"{resource.key}: its name", Written(resource.span))


def strangers(named: Sequence[Naming], names: Names) -> Iterator[tuple[Naming, Member[str]]]:
    """Yield what commands name and nothing that was read is called; uncertain where something unread may be."""
    for each in named:
        found = names.of(each)
        if any(resource.presence is Truth.TRUE for resource in found):
            continue
        why = found[0].why if found else names.why_open(each)
        text = f"{each.name} ({each.command})"
        if found and why is None:
            continue
        yield each, Member(text) if why is None else Member(text, Truth.UNKNOWN, why)


def misdirected(named: Sequence[Naming], names: Names) -> Iterator[tuple[Naming, Member[str]]]:
    """Yield commands that name something which is there and which they do not work on."""
    for each in named:
        found = names.of(each)
        if not found:
            continue
        if each.promoted and all(_no_replica(resource, names.catalog) for resource in found):
            yield each, Member(f"{each.command} names {each.name}, which is no replica")
        elsewhere = [resource.region.value for resource in found if isinstance(resource.region, Known)]
        if each.region is not None and len(elsewhere) == len(found) and each.region not in elsewhere:
            yield each, Member(f"{each.command} looks for {each.name} in {each.region}, and it is in {' and '.join(elsewhere)}")


def _no_replica(resource: Resource, catalog: Catalog) -> bool:
    row = catalog.stores.get(resource.type)
    return row is not None and bool(row.replica_of) and isinstance(resource.get(row.replica_of), Absent)


def namings(document: Markdown, operations: Sequence[OperationRow]) -> list[Naming]:
    """Return what the commands of a document name, in order, without what an earlier or later command of it makes."""
    found: list[Naming] = []
    made: set[str] = set()
    for call, source in commands_of(document):
        for row in operations:
            if row.program != call.name:
                continue
            verbs = [word.text for word in options(call.arguments).plain[:2]]
            if row.program == "aws" and (len(verbs) < 2 or verbs[0] != row.service):
                continue
            operation = verbs[1] if row.program == "aws" else " ".join(verbs)
            making = row.makes.get(operation, ())
            made.update(word.text for flag in making for word, _ in _given(call, flag, row))
            found.extend(
                Naming(
                    f"{row.program} {row.service} {operation}".replace("  ", " "),
                    name,
                    types,
                    row.promotes.get(operation) == flag,
                    _region(call) if row.regional else None,
                    source.span(word.start, word.end),
                )
                for flag, types in row.names.items()
                if flag not in making
                for word, name in _given(call, flag, row)
                if word.literal and _NAME.fullmatch(name) and _STAND_IN.search(name) is None
            )
    return [each for each in found if each.name not in made]


def commands_of(document: Markdown) -> Iterator[tuple[Call, Source]]:
    """Yield the commands in a document's blocks and between its backquotes, in order."""
    text = document.source.text
    if not any(program in text for program in ("aws", "velero", "kubectl")):
        return
    pieces = [(each.start, each.end, each.language) for each in document.blocks if each.language in SHELL_LANGUAGES]
    pieces.extend((start, end, "") for start, end in document.code_spans)
    at = 0
    kept: list[str] = []
    for start, end, language in sorted(pieces):
        kept.extend((text[at:start], _blanked(text[start:end], language)))
        at = end
    readable = "".join((*kept, text[at:]))
    for start, end, _ in sorted(pieces):
        for call in calls(parse_script(readable, start, end)):
            yield call, document.source


def _blanked(script: str, language: str) -> str:
    """Return commands without prompts, output and placeholders; every character keeps its place."""
    if language in {"console", "shell-session", "shellsession"}:
        script = _OUTPUT.sub(lambda line: " " * len(line[0]), script)
    script = _PROMPT.sub(lambda prompt: prompt[1] + " ", script) if "$ " in script or language == "console" else script
    return _PLACEHOLDER.sub(lambda each: "$" + "_" * (len(each[0]) - 1), script)


def _given(call: Call, flag: str, row: OperationRow) -> Iterator[tuple[Word, str]]:
    """Yield the words that give an argument, and the name in each."""
    plain = options(call.arguments).plain
    if flag == PLAIN:
        yield from ((word, word.text) for word in plain[2:3])
    elif flag == _BUCKET_URL:
        for word in plain[2:]:
            if word.text.startswith(_BUCKET_URL):
                yield word, word.text[len(_BUCKET_URL) :].partition("/")[0]
    elif row.program == "kubectl":
        for at, word in enumerate(plain[1:], 1):
            kind, slash, name = word.text.partition("/")
            if kind.lower() == flag and slash:
                yield word, name
            elif kind.lower() == flag and at == 1:
                yield from ((following, following.text) for following in plain[2:3])
    else:
        for at, word in enumerate(call.arguments):
            if word.text == flag and at + 1 < len(call.arguments):
                yield call.arguments[at + 1], call.arguments[at + 1].text
            elif word.text.startswith(f"{flag}="):
                yield word, word.text[len(flag) + 1 :]


def _region(call: Call) -> str | None:
    given = options(call.arguments).flags.get("--region")
    return given[0] if given is not None and given[1].literal else None
