"""Sentences about a run that every readable format says in the same words: what was read, what was not, what the gate did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from drpolicy.declarations.services import UNASSIGNED
from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.findings import SEVERITIES
from drpolicy.model.ranges import Range
from drpolicy.model.report import GATE_COUNTS, Change, Coverage, GateCount, Report
from drpolicy.model.stores import BESIDE
from drpolicy.reporters.languages import ENGLISH, Translate
from drpolicy.reporters.modules import ModuleSource, by_source
from drpolicy.reporters.sections import counts, failures, left_to_audits

FILES: Final = {
    "terraform": "Terraform file",
    "terragrunt": "Terragrunt file",
    "manifests": "manifest",
    "declarations": "declaration",
    "helm_templates": "helm templates file",
}


TALLIES: Final = ("failed", "unknown", "passed", "not applicable", "waived")
"""What findings are counted as, failures first."""


def number(count: int, one: str, many: str | None = None, translate: Translate = ENGLISH) -> str:
    """Return ``1 store``, ``2 stores``, ``12,345 stores``; in another language the text of ``{count} store``, which has no plural."""
    said = f"{{count}} {one}"
    translated = translate(said)
    if translated != said:
        return translated.format(count=f"{count:,}")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def read(report: Report, translate: Translate = ENGLISH) -> str:
    """Say what was read: files by kind, what they make up, and how many policies looked at it."""
    return _read(report, translate("Read {files}: {parts} · {policies}"), translate)


def parts_read(report: Report, translate: Translate = ENGLISH) -> str:
    """Say the same beside a heading that says that it was read."""
    return _read(report, translate("{files}: {parts} · {policies}"), translate)


def _read(report: Report, form: str, translate: Translate) -> str:
    coverage = report.coverage
    files = [number(count, FILES.get(kind, f"{_words(kind)} file"), None, translate) for kind, count in _read_kinds(coverage)]
    kinds = [each.kind for each in coverage.deployments]
    made = (
        (kinds.count("terraform"), "deployment"),
        (kinds.count("kubernetes"), "cluster"),
        (coverage.stores, "store"),
        (len(report.services), "service"),
    )
    parts = [number(count, word, None, translate) for count, word in made if count or word in {"store", "service"}]
    policies = number(coverage.policies, "policy", "policies", translate)
    return form.format(files=", ".join(files) or translate("no file"), parts=", ".join(parts), policies=policies)


def nothing_held(report: Report, translate: Translate = ENGLISH) -> str | None:
    """Return the sentence for an estate without stores, or ``None``. It must not read as if all were well."""
    if report.coverage.stores:
        return None
    if report.coverage.unjudged:
        return translate("What holds data here is of types that are not judged yet. This is not a pass.")
    return translate("Nothing that holds data was found, so nothing was judged recoverable. This is not a pass.")


def not_covered(report: Report, translate: Translate = ENGLISH) -> tuple[str, ...]:
    """Say what was not read or not judged, each as a short phrase."""
    return tuple(_gaps(report.coverage, translate))


JUDGED: Final = frozenset({"system-of-record", "replica", "copy", "not known"})
"""Data classes that policies ask something of."""


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _gaps(coverage: Coverage, translate: Translate) -> Iterator[str]:
    unresolved = coverage.modules.get("unresolved", ())
    if unresolved:
        said = translate("{modules} not on disk ({sources})")
        yield said.format(modules=number(len(unresolved), "module", None, translate), sources=_sources(by_source(unresolved), translate))
    stubbed = coverage.modules.get("stubbed", ())
    if stubbed:
        one = translate("{modules} read from its documented interface ({sources})")
        many = translate("{modules} read from their documented interface ({sources})")
        said = one if len(stubbed) == 1 else many
        yield said.format(modules=number(len(stubbed), "module", None, translate), sources=_sources(by_source(stubbed), translate))
    for one, tallies in (("file", coverage.files), ("expression", coverage.expressions)):
        for kind, count in sorted(tallies.items()):
            if kind.startswith("not_") and count:
                yield f"{number(count, one, None, translate)} {translate(_words(kind))}"
    yield from _not_judged(coverage, translate)
    if coverage.without_subjects:
        policies = number(len(coverage.without_subjects), "policy", "policies", translate)
        yield translate("{policies} without a subject").format(policies=policies)
    if coverage.live:
        yield from (translate("live AWS: {said}").format(said=each) for each in coverage.live)
    else:
        yield translate("live AWS not asked")


def _not_judged(coverage: Coverage, translate: Translate) -> Iterator[str]:
    if coverage.unjudged:
        resources = number(sum(coverage.unjudged.values()), "resource", None, translate)
        most = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in _most(coverage.unjudged)[:3])
        further = len(coverage.unjudged) - 3
        if further > 0:
            most += translate(" and {count} more types").format(count=further)
        yield translate("{resources} that hold data of types not judged yet ({most})").format(resources=resources, most=most)
    apart = {name: count for name, count in coverage.classes.items() if name not in JUDGED | BESIDE}
    if apart:
        classes = ", ".join(number(count, name, name, translate) for name, count in _most(apart))
        yield translate("stores that are no record of their own: {classes}").format(classes=classes)
    libraries = sum(each.library for each in coverage.deployments)
    if libraries:
        yield translate("{modules} outside the gate").format(modules=number(libraries, "library module", None, translate))
    if coverage.unclaimed_stores:
        stores = number(coverage.unclaimed_stores, "store", None, translate)
        yield translate("{stores} of no declared service").format(stores=stores)


def _sources(sources: Sequence[ModuleSource], translate: Translate) -> str:
    most = sources[0]
    if len(sources) == 1:
        return most.source
    said = translate("{sources}, most: {source} {calls}")
    return said.format(sources=number(len(sources), "source", None, translate), source=most.source, calls=f"{most.calls:,}")


def summary(report: Report, translate: Translate = ENGLISH) -> tuple[str, ...]:
    """Return the counts as phrases, failures first. They are never empty, so silence cannot pass for success."""
    count = counts(report)
    tallies = (count.failed, count.unknown, count.passed, count.not_applicable, count.waived)
    said = [number(tally, word, word, translate) for tally, word in zip(tallies, TALLIES, strict=True)]
    if count.calendar:
        said.append(number(count.calendar, "by the calendar", "by the calendar", translate))
    if count.baselined:
        said.append(number(count.baselined, "in the baseline", "in the baseline", translate))
    if report.diagnostics:
        said.append(number(len(report.diagnostics), "diagnostic", None, translate))
    return tuple(said)


def by_calendar(report: Report, translate: Translate = ENGLISH) -> str | None:
    """Say how many failures are left to an audit because they depend on the date, or ``None``."""
    count = len(left_to_audits(report))
    if not count:
        return None
    if count == 1:
        return translate("1 finding depends on the calendar and does not count here: drpolicy audit")
    return translate("{count} findings depend on the calendar and do not count here: drpolicy audit").format(count=f"{count:,}")


def compared(report: Report, translate: Translate = ENGLISH) -> str | None:
    """Say what the change does, or ``None`` when nothing was compared."""
    comparison = report.comparison
    if comparison is None:
        return None
    counted = ((comparison.worse, "worse"), (comparison.undecided, "newly undecided"), (comparison.better, "better"))
    said = ", ".join(number(len(changes), word, word, translate) for changes, word in counted if changes)
    return translate("since {base}: {said}").format(base=comparison.base[:12], said=said or translate("no finding changed"))


def gate(report: Report, translate: Translate = ENGLISH) -> str:
    """Say what the gate decided and why; messages of diagnostics are as they were written."""
    decided = report.gate
    if decided.reasons or decided.counts:
        first = decided.reasons[: max(len(decided.reasons) - len(decided.counts), 0)]
        counted = (_counted(each, decided.fail_on, translate) for each in decided.counts)
        reasons = "; ".join((*map(translate, first), *counted))
    else:
        reasons = translate("it fails on {severity}").format(severity=_at_least(decided.fail_on, translate))
    said = translate("gate {gate} {outcome}: {reasons}")
    return said.format(gate=report.run.gate, outcome=translate(decided.outcome), reasons=reasons)


def _counted(failing: GateCount, fail_on: str, translate: Translate) -> str:
    said = translate(GATE_COUNTS[failing.what])
    return said.format(
        findings=number(failing.count, "finding", None, translate), severity=translate(fail_on), worst=translate(failing.worst)
    )


def _at_least(severity: str, translate: Translate) -> str:
    said = translate(severity)
    return said if severity == SEVERITIES[0] else translate("{severity} and worse").format(severity=said)


def state_of_tree(report: Report, translate: Translate = ENGLISH) -> str:
    """Return the commit, and whether the files differed from it where that was asked for."""
    commit = report.run.commit
    if commit is None:
        return translate("no commit was read")
    match report.run.dirty:
        case True:
            return translate("{commit} with local changes").format(commit=commit)
        case False:
            return translate("{commit}, clean").format(commit=commit)
        case None:
            return commit


def moved(change: Change, translate: Translate = ENGLISH) -> str:
    """Return why a finding moved, and that somebody accepts it."""
    finding = change.finding
    if change.after is None:
        return translate("{name} is gone").format(name=finding.subject.name)
    why = translate(change.why)
    if finding.waiver is not None:
        return f"{why}; {translate('waived until {day}').format(day=finding.waiver.until)}"
    return f"{why}; {translate('in the baseline')}" if finding.baseline is not None else why


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
    known = [(kind, coverage.files[kind]) for kind in FILES if coverage.files.get(kind)]
    others = sorted((kind, count) for kind, count in coverage.files.items() if count and kind not in FILES and not kind.startswith("not_"))
    return known + others


def _words(key: str) -> str:
    return key.replace("_", " ")


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
