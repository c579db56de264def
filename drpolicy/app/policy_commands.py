"""``drpolicy policy list | show | lint | test``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from drpolicy.app.policy_examples import Outcome, run_examples, untested
from drpolicy.app.policy_mutations import flipped
from drpolicy.app.policy_page import page
from drpolicy.app.profiles import listing
from drpolicy.app.user_policies import read_policies
from drpolicy.model.findings import Diagnostic
from drpolicy.policy.builtin import policy_directory
from drpolicy.policy.compiled import CompiledPolicy, compile_policy
from drpolicy.policy.documents import PolicyDocument
from drpolicy.sources.directories import DirectoryTree


class NoSuchPolicy(Exception):
    """No policy of that name; the message names the nearest."""


def run(action: str, name: str | None, names: Sequence[str], directory: Path | None, *, mutate: bool = False) -> tuple[str, bool]:
    """Carry out an action; return what to print and whether all is well. Raises NoSuchPolicy.

    ``mutate`` makes ``test`` also name the policies that no single change to a passing example makes fail.
    """
    documents, diagnostics = read_policies(DirectoryTree(directory or policy_directory()), "")
    by_id = {document.id: document for document in documents}
    match action:
        case "list":
            return "\n".join([*_errors(diagnostics), _list(documents)]), not diagnostics
        case "show":
            return page(_chosen(by_id, [name or ""])[0]), True
        case "lint":
            return _lint(documents, diagnostics, own=directory is not None)
        case _:
            chosen = _chosen(by_id, names) if names else list(documents)
            return _test(chosen, diagnostics if not names else (), mutate=mutate)


def by_control(profile: str, directory: Path | None) -> tuple[str, bool]:
    """Return the policies of a profile by its controls, and whether every policy could be read. Raises NoSuchProfile."""
    documents, diagnostics = read_policies(DirectoryTree(directory or policy_directory()), "")
    return "\n".join([*_errors(diagnostics), listing(profile, documents)]), not diagnostics


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
    return "\n".join([*lines, f"{len(documents)} policies"])


def _errors(diagnostics: Sequence[Diagnostic]) -> list[str]:
    places = [str(each.span or each.path) for each in diagnostics]
    return [
        f"{each.level}: {place}: {each.message}" if place else f"{each.level}: {each.message}"
        for place, each in zip(places, diagnostics, strict=True)
    ]


def _lint(documents: Sequence[PolicyDocument], diagnostics: Sequence[Diagnostic], *, own: bool) -> tuple[str, bool]:
    from drpolicy.app.policy_lint import lint

    found = [*diagnostics, *lint(documents, own=own)]
    wrong = sum(each.level != "note" for each in found)
    return "\n".join([*_errors(found), f"{len(documents)} policies: {f'{wrong} to repair' if wrong else 'nothing to repair'}"]), not wrong


def _test(documents: Sequence[PolicyDocument], diagnostics: Sequence[Diagnostic], *, mutate: bool) -> tuple[str, bool]:
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
                lines.extend(_wrong(outcome))
        missing = untested(document, Counter(each.example.expect for each in outcomes))
        if missing:
            good = False
            lines.append(f"{document.id}: no example that gives {', '.join(missing)}")
        if mutate and not document.observed_only and flipped(compiled) is None:
            lines.append(f"note: {document.id}: no single change to a passing example makes it fail")
    lines.append(f"{len(documents)} policies, {total} examples: {'all as expected' if good else 'not as expected'}")
    return "\n".join(lines), good


def _wrong(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.policy}: {outcome.example.name}: expected {outcome.example.expect}, got {outcome.given}"
    for diagnostic in outcome.diagnostics:
        yield f"    {diagnostic.level}: {diagnostic.span or diagnostic.path}: {diagnostic.message}"
    for finding in outcome.findings:
        yield f"    {finding.verdict.value} {finding.subject.address}: {finding.message}"
        for evidence in finding.evidence:
            yield f"        {evidence.text}" + (f" ({evidence.span})" if evidence.span else "")
