"""``drpolicy policy list | show | lint | test | docs``, each as what to print and whether all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from drpolicy.app.derivation_text import derivation_lines
from drpolicy.app.policy_examples import Outcome, derivations, run_examples, untested
from drpolicy.app.policy_mutations import flipped
from drpolicy.app.policy_page import page
from drpolicy.app.policy_sources import all_sources, counted, named_sources, policies
from drpolicy.app.profiles import listing
from drpolicy.app.user_policies import read_policies
from drpolicy.model.findings import Diagnostic
from drpolicy.policy.builtin import policy_directory
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.documents import PolicyDocument
from drpolicy.sources.directories import DirectoryTree


class NoSuchPolicy(Exception):
    """No policy of that name; the message names the nearest."""


def run(action: str, name: str | None, directory: Path | None) -> tuple[str, bool]:
    """List or show policies; return what to print and whether all is well. Raises NoSuchPolicy."""
    documents, diagnostics = read_policies(DirectoryTree(directory or policy_directory()), "")
    if action == "list":
        return "\n".join([*_errors(diagnostics), _list(documents)]), not diagnostics
    return page(_chosen({document.id: document for document in documents}, [name or ""])[0]), True


def lint_all(paths: Sequence[Path], cwd: Path) -> tuple[str, bool]:
    """Say what is wrong with the policies of files and directories, else with the built-in ones and the repository's own."""
    from drpolicy.app.policy_lint import lint

    sources = named_sources(paths) if paths else all_sources(cwd)
    found = [
        each for source in sources for each in (*source.diagnostics, *(() if not source.built_in else lint(source.documents, own=False)))
    ]
    own = [document for source in sources if not source.built_in for document in source.documents]
    found += lint(own, own=True)
    wrong = sum(each.level != "note" for each in found)
    return "\n".join([*_errors(found), f"{counted(sources)}: {f'{wrong} to repair' if wrong else 'nothing to repair'}"]), not wrong


def test_all(names: Sequence[str], paths: Sequence[Path], cwd: Path, *, mutate: bool = False) -> tuple[str, bool]:
    """Run the examples of the policies that are named, else of all that ``lint_all`` is about. Raises NoSuchPolicy.

    ``mutate`` also names the policies that no single change to a passing example makes fail.
    """
    sources = named_sources(paths) if paths else all_sources(cwd)
    by_id = {document.id: document for source in sources for document in source.documents}
    if names:
        chosen = _chosen(by_id, names)
        return _test(chosen, (), policies(len(chosen)), mutate=mutate)
    documents = [document for source in sources for document in source.documents]
    return _test(documents, [each for source in sources for each in source.diagnostics], counted(sources), mutate=mutate)


def by_control(profile: str, directory: Path | None) -> tuple[str, bool]:
    """Return the policies of a profile by its controls, and whether every policy could be read. Raises NoSuchProfile."""
    documents, diagnostics = read_policies(DirectoryTree(directory or policy_directory()), "")
    return "\n".join([*_errors(diagnostics), listing(profile, documents)]), not diagnostics


def reference(directory: Path | None, target: Path) -> tuple[str, bool]:
    """Write the reference of policies into a directory; return what to print and whether all is well. Raises NotWritten."""
    from drpolicy.app.policy_reference import write_pages

    documents, diagnostics = read_policies(DirectoryTree(directory or policy_directory()), "")
    count = write_pages(documents, target)
    return "\n".join([*_errors(diagnostics), f"{target}: {count} pages, to begin with index.md"]), not diagnostics


def _chosen(by_id: dict[str, PolicyDocument], names: Sequence[str]) -> list[PolicyDocument]:
    for name in names:
        if name not in by_id:
            near = get_close_matches(name, by_id, 1)
            raise NoSuchPolicy(f"no policy is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else "; see drpolicy policy list"))
    return [by_id[name] for name in names]


def _list(documents: Sequence[PolicyDocument]) -> str:
    width = max((len(each.id) for each in documents), default=0)
    lines = []
    for pattern in dict.fromkeys(each.anti_pattern for each in documents):
        lines.append(pattern)
        lines.extend(f"  {each.id:<{width}}  {each.subject:<11}  {each.title}" for each in documents if each.anti_pattern == pattern)
    return "\n".join([*lines, policies(len(documents))])


def _errors(diagnostics: Sequence[Diagnostic]) -> list[str]:
    places = [str(each.span or each.path) for each in diagnostics]
    return [
        f"{each.level}: {place}: {each.message}" if place else f"{each.level}: {each.message}"
        for place, each in zip(places, diagnostics, strict=True)
    ]


def _test(documents: Sequence[PolicyDocument], diagnostics: Sequence[Diagnostic], which: str, *, mutate: bool) -> tuple[str, bool]:
    lines = _errors(diagnostics)
    good, total = not diagnostics, 0
    for document in documents:
        compiled = compile_policy(document)
        if not isinstance(compiled, CompiledPolicy):
            good = False
            lines.extend(_errors(compiled))
            continue
        outcomes = list(run_examples(document))
        total += len(outcomes)
        for outcome in outcomes:
            if not outcome.good:
                good = False
                lines.extend(_wrong(compiled, outcome))
        missing = untested(document, Counter(each.example.expect for each in outcomes))
        if missing:
            good = False
            lines.append(f"{document.id}: no example that gives {', '.join(missing)}")
        if mutate and not document.observed_only and flipped(compiled) is None:
            lines.append(f"note: {document.id}: no single change to a passing example makes it fail")
    lines.append(f"{which}, {total} {'example' if total == 1 else 'examples'}: {'all as expected' if good else 'not as expected'}")
    return "\n".join(lines), good


def _wrong(policy: CompiledPolicy, outcome: Outcome) -> Iterator[str]:
    """Yield what came out instead, as a diff, with how it was decided."""
    yield f"{outcome.policy}: {outcome.example.name}: expected {outcome.example.expect}, got {outcome.given}"
    for diagnostic in outcome.diagnostics:
        yield f"    {diagnostic.level}: {diagnostic.span or diagnostic.path}: {diagnostic.message}"
    if outcome.given != outcome.example.expect:
        yield f"    - {outcome.example.expect}"
        yield f"    + {outcome.given}" + ("" if outcome.findings else f": the files hold no {policy.document.subject}")
    for finding, derivation in derivations(policy, outcome.example):
        yield f"      {finding.verdict.value} {finding.subject.address}: {finding.message}"
        if derivation is not None:
            yield from (f"        {line}" for line in derivation_lines(derivation))
