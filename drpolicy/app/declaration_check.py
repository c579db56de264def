"""``drpolicy declarations``: whether the documents in some files are sound.

What they refer to elsewhere is not read; of a configuration, its paths are looked for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from drpolicy.app.configured_paths import empty, unmatched
from drpolicy.app.evidence import of_no_store
from drpolicy.declarations.configuration import load_configuration, load_waiver_register
from drpolicy.declarations.documents import Declarations
from drpolicy.declarations.load import is_declaration, load_declarations
from drpolicy.declarations.misnamed import misnamed
from drpolicy.declarations.policies import policy_flaws
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import replace
from drpolicy.model.values import Known
from drpolicy.recovery.drill_stores import strangers_as_written
from drpolicy.reporters.printable import one_line
from drpolicy.sources.discovery import CONFIG_NAMES
from drpolicy.sources.documents import Document
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import Tree
from drpolicy.sources.yaml_documents import documents


def run(tree: Tree, paths: Sequence[str]) -> tuple[str, bool]:
    """Return what is wrong with every document of ours in the files, and whether nothing is."""
    found: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for path in paths:
        source = read_source(tree, path, utf16=True)
        if isinstance(source, Problem):
            diagnostics.append(Diagnostic("error", source.code, source.message, source.span, path, "incomplete"))
        elif posixpath.basename(path) in CONFIG_NAMES or is_declaration(source.text):
            read = documents(source, wanted=None if posixpath.basename(path) in CONFIG_NAMES else is_declaration)
            if not read.documents and not read.problems:
                diagnostics.append(empty(source))
            found.extend(read.documents)
            diagnostics.extend(
                Diagnostic("error", "declaration-invalid", each.message, each.span, path, "invalid") for each in read.problems
            )
    diagnostics.extend(_checked(tree, found))
    # A note, such as a misspelt optional word that is read all the same, stops nobody.
    wrong = [each for each in diagnostics if each.effect != "none"]
    lines = [one_line(f"{each.level}: {each.span or each.path}: {each.message}") for each in diagnostics]
    count = f"{len(found)} document{'' if len(found) == 1 else 's'}"
    return "\n".join([*lines, f"{count}: {f'{len(wrong)} to repair' if wrong else 'nothing to repair'}"]), not wrong


def _checked(tree: Tree, found: Iterable[Document]) -> Iterable[Diagnostic]:
    declared: list[Document] = []
    for document in found:
        kind = document.value(("kind",))
        match "Config" if _is_configuration(document) else kind.value if isinstance(kind, Known) else None:
            case "Config":
                configuration, flaws = load_configuration(document)
                yield from flaws
                yield from unmatched(tree, configuration, posixpath.dirname(document.source.path))
            case "WaiverRegister":
                yield from load_waiver_register(document)[1]
            case "Policy":
                yield from policy_flaws(document)
            case _:
                declared.append(document)
    loaded = load_declarations(declared)
    # Tiers are in another document, which need not be among these.
    yield from (*loaded.diagnostics, *misnamed(loaded, None))
    yield from _strange(loaded)


def _strange(declared: Declarations) -> Iterator[Diagnostic]:
    """Yield the stores in records that their services do not have, where both are among the files."""
    services = {each.name: each for each in declared.services}
    for record in declared.evidence:
        service = services.get(record.service.value) if isinstance(record.service, Known) else None
        for each in of_no_store(strangers_as_written(record, service)) if service is not None else ():
            yield replace(each, effect="invalid")


def _is_configuration(document: Document) -> bool:
    """Whether a check takes a document as the configuration, whatever it says that it is."""
    return document.index == 0 and posixpath.basename(document.source.path) in CONFIG_NAMES
