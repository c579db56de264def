"""Sentences about a run that every readable format says in the same words: what was read, what was not, what the gate did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drpolicy.declarations.services import UNASSIGNED
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.findings import SEVERITIES
from drpolicy.model.ranges import Range
from drpolicy.model.report import Change, Coverage, Report
from drpolicy.reporters.modules import ModuleSource, by_source
from drpolicy.reporters.sections import counts, failures

_FILES: Final = {
    "terraform": ("Terraform file", "Terraform files"),
    "terragrunt": ("Terragrunt file", "Terragrunt files"),
    "manifests": ("manifest", "manifests"),
    "declarations": ("declaration", "declarations"),
}


def number(count: int, one: str, many: str | None = None) -> str:
    """Return ``1 store``, ``2 stores``, ``12,345 stores``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def read(report: Report) -> str:
    """Say what was read: files by kind, what they make up, and how many policies looked at it."""
    coverage = report.coverage
    files = [number(count, *_FILES.get(kind, (f"{_words(kind)} file", f"{_words(kind)} files"))) for kind, count in _read_kinds(coverage)]
    kinds = [each.kind for each in coverage.deployments]
    made = (
        (kinds.count("terraform"), "deployment"),
        (kinds.count("kubernetes"), "cluster"),
        (coverage.stores, "store"),
        (len(report.services), "service"),
    )
    parts = [number(count, word) for count, word in made if count or word in {"store", "service"}]
    return f"Read {_listed(files) or 'no file'}: {', '.join(parts)} · {number(coverage.policies, 'policy', 'policies')}"


def nothing_held(report: Report) -> str | None:
    """Return the sentence for an estate without stores, or ``None``. It must not read as if all were well."""
    if report.coverage.stores:
        return None
    if report.coverage.unjudged:
        return "What holds data here is of types that are not judged yet. This is not a pass."
    return "Nothing that holds data was found, so nothing was judged recoverable. This is not a pass."


def not_covered(report: Report) -> tuple[str, ...]:
    """Say what was not read or not judged, each as a short phrase."""
    return tuple(_gaps(report.coverage))


JUDGED: Final = frozenset({"system-of-record", "replica", "copy", "not known"})
"""Data classes that policies ask something of."""

BESIDE: Final = frozenset({"dependency"})
"""What a recovery needs beside the data: no store that anybody would look for in a count of stores."""


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _gaps(coverage: Coverage) -> Iterator[str]:
    unresolved = coverage.modules.get("unresolved", ())
    if unresolved:
        yield f"{number(len(unresolved), 'module')} not on disk ({_sources(by_source(unresolved))})"
    stubbed = coverage.modules.get("stubbed", ())
    if stubbed:
        its = "its" if len(stubbed) == 1 else "their"
        yield f"{number(len(stubbed), 'module')} read from {its} documented interface ({_sources(by_source(stubbed))})"
    for kind, count in sorted(coverage.files.items()):
        if kind.startswith("not_") and count:
            yield f"{number(count, 'file')} {_words(kind)}"
    for kind, count in sorted(coverage.expressions.items()):
        if kind.startswith("not_") and count:
            yield f"{number(count, 'expression')} {_words(kind)}"
    if coverage.unjudged:
        total = sum(coverage.unjudged.values())
        most = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in _most(coverage.unjudged)[:3])
        further = f" and {len(coverage.unjudged) - 3} more types" if len(coverage.unjudged) > 3 else ""
        yield f"{number(total, 'resource')} that hold data of types not judged yet ({most}{further})"
    apart = {name: count for name, count in coverage.classes.items() if name not in JUDGED | BESIDE}
    if apart:
        yield "stores that are no record of their own: " + ", ".join(f"{count} {name}" for name, count in _most(apart))
    libraries = sum(each.library for each in coverage.deployments)
    if libraries:
        yield f"{number(libraries, 'library module')} outside the gate"
    if coverage.unclaimed_stores:
        yield f"{number(coverage.unclaimed_stores, 'store')} of no declared service"
    if coverage.without_subjects:
        yield f"{number(len(coverage.without_subjects), 'policy', 'policies')} without a subject"
    if coverage.live:
        yield from (f"live AWS: {each}" for each in coverage.live)
    else:
        yield "live AWS not asked"


def _sources(sources: Sequence[ModuleSource]) -> str:
    most = sources[0]
    if len(sources) == 1:
        return most.source
    return f"{number(len(sources), 'source')}, most: {most.source} {most.calls:,}"


def summary(report: Report) -> tuple[str, ...]:
    """Return the counts as phrases, failures first. They are never empty, so silence cannot pass for success."""
    count = counts(report)
    said = [
        f"{count.failed:,} failed",
        f"{count.unknown:,} unknown",
        f"{count.passed:,} passed",
        f"{count.not_applicable:,} not applicable",
        f"{count.waived:,} waived",
    ]
    if count.baselined:
        said.append(f"{count.baselined:,} in the baseline")
    if report.diagnostics:
        said.append(number(len(report.diagnostics), "diagnostic"))
    return tuple(said)


def compared(report: Report) -> str | None:
    """Say what the change does, or ``None`` when nothing was compared."""
    comparison = report.comparison
    if comparison is None:
        return None
    counted = ((comparison.worse, "worse"), (comparison.undecided, "newly undecided"), (comparison.better, "better"))
    said = ", ".join(f"{len(changes):,} {word}" for changes, word in counted if changes)
    return f"since {comparison.base[:12]}: {said or 'no finding changed'}"


def gate(report: Report) -> str:
    """Say what the gate decided and why."""
    decided = report.gate
    reasons = "; ".join(decided.reasons) or f"it fails on {_at_least(decided.fail_on)}"
    return f"gate {report.run.gate} {decided.outcome}: {reasons}"


def _at_least(severity: str) -> str:
    return severity if severity == SEVERITIES[0] else f"{severity} and worse"


def state_of_tree(report: Report) -> str:
    """Return the commit and whether the files differed from it."""
    if report.run.commit is None:
        return "not a commit"
    match report.run.dirty:
        case True:
            return f"{report.run.commit} with local changes"
        case False:
            return f"{report.run.commit}, clean"
        case None:
            return report.run.commit


def moved(change: Change) -> str:
    """Return why a finding moved, and that somebody accepts it."""
    finding = change.finding
    if finding.waiver is not None and change.after is not None:
        return f"{change.why}; waived until {finding.waiver.until}"
    return f"{change.why}; in the baseline" if finding.baseline is not None and change.after is not None else change.why


def next_step(report: Report) -> str | None:
    """Return the command that helps most now, or ``None``."""
    unfilled = [each.span.path for each in report.services if each.owner == UNASSIGNED]
    if unfilled and report.comparison is None:
        # Every severity rests on who is served, so this comes before any finding, but for what a change brings.
        return f"name the owner and the objectives in {unfilled[0]}" + (f" and {len(unfilled) - 1} more" if len(unfilled) > 1 else "")
    found = failures(report)
    if found:
        return f"drpolicy explain {found[0].finding.policy}"
    return "drpolicy schema service" if report.coverage.stores and not report.services else None


def _read_kinds(coverage: Coverage) -> list[tuple[str, int]]:
    known = [(kind, coverage.files[kind]) for kind in _FILES if coverage.files.get(kind)]
    others = sorted((kind, count) for kind, count in coverage.files.items() if count and kind not in _FILES and not kind.startswith("not_"))
    return known + others


def _words(key: str) -> str:
    return key.replace("_", " ")


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _open(reach: Range) -> bool:
    """Whether a range says nothing at all."""
    return reach.best == Duration(0) and reach.worst == UNBOUNDED


def had_back(rpo: Range, rto: Range) -> str:
    """Return what comes back and when, in words: ``loses the last 5m, back in 10m or more``."""
    if rpo.best == UNBOUNDED:
        return "nothing comes back" if rto.best == UNBOUNDED else "what comes back may be of any age"
    lost = "loses nothing" if rpo.worst == Duration(0) else "loses an amount not known" if _open(rpo) else f"loses the last {rpo}"
    if rto.best == UNBOUNDED:
        return lost
    if _open(rto):
        return f"{lost}, back in a time not known"
    return f"{lost}, back at once" if rto.worst == Duration(0) else f"{lost}, back in {rto}"
