"""``drpolicy evidence``: its arguments, and what becomes of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drpolicy.cli.exit_codes import PASSED
from drpolicy.cli.run_settings import UsageError
from drpolicy.cli.terminal import complain, write
from drpolicy.sources.git import find_repository_root

if TYPE_CHECKING:
    from drpolicy.declarations.evidence_text import Plain

KINDS: Final = ("restore", "failover", "tabletop", "training", "review")
SOURCES: Final = ("aws-backup", "region-switch", "velero")
OUTCOMES: Final = ("passed", "failed")
SAID: Final = {
    "application": "whether the application was started and worked",
    "integrity": "whether the integrity of the data was checked and held",
    "cleanup": "whether what the test made was removed again",
    "runbook": "whether the runbook was followed and proved right",
    "contacts": "whether everybody whom the runbook names was reached",
}
_BACKUP: Final = ("name", "outcome", "size_bytes", "usual_size_bytes", "contents")


def evidence_arguments(command: argparse.ArgumentParser) -> None:
    """Add the two actions: ``record`` and ``import``."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    record = actions.add_parser("record", help="what a CI job or CronJob did, with its job or artefacts")
    record.add_argument("--kind", required=True, choices=KINDS, help="what was done")
    record.add_argument("--outcome", required=True, choices=OUTCOMES, help="how it ended")
    _fields(record)
    imported = actions.add_parser("import", help="what AWS Backup, ARC Region switch or Velero wrote about a test, as records")
    imported.add_argument("source", choices=SOURCES, help="whose file it is")
    imported.add_argument("file", type=Path, metavar="FILE", help="JSON, as the tool's own command prints it; it becomes an artefact")
    imported.set_defaults(kind=None, outcome=None)
    _fields(imported)


def _fields(command: argparse.ArgumentParser) -> None:
    command.add_argument("--service", required=True, metavar="NAME", help="the service")
    command.add_argument("--date", metavar="DATE", help="the day it was done (default: today, UTC; an import's own)")
    command.add_argument("--environment", metavar="NAME", help="where it was done, such as restore-test")
    command.add_argument("--disruption", metavar="NAME", help="what was rehearsed: corruption, hardware, az, region or account")
    command.add_argument("--store", action="append", default=[], metavar="STORE", help="a store that was restored; may be repeated")
    command.add_argument("--rto", metavar="DURATION", help="time until the service worked again, such as 48m")
    command.add_argument("--rpo", metavar="DURATION", help="span of data that was lost, such as 6m")
    for name, meaning in SAID.items():
        command.add_argument(f"--{name}", choices=OUTCOMES, help=meaning)
    command.add_argument("--backup-name", metavar="NAME", help="the backup that was restored")
    command.add_argument("--backup-outcome", choices=OUTCOMES, help="whether taking it had completed without errors")
    command.add_argument("--backup-size-bytes", type=int, metavar="BYTES", help="its size")
    command.add_argument("--backup-usual-size-bytes", type=int, metavar="BYTES", help="the size that backups like it usually have")
    command.add_argument("--backup-contents", choices=OUTCOMES, help="whether what it lists was compared with what it ought to hold")
    command.add_argument("--job", metavar="ID", help="id or link of the job that recorded it")
    command.add_argument(
        "--artefact", action="append", default=[], type=Path, metavar="FILE", help="a file it wrote, in the repository; may be repeated"
    )
    command.add_argument("--approver", metavar="ROLE", help="the role that accepted it")
    command.add_argument("--name", metavar="NAME", help="name of the record (default: service, kind and day)")
    command.add_argument("--output", type=Path, metavar="FILE", help="a new file (default: standard output); never overwrites one")


def run_evidence(options: argparse.Namespace) -> int:
    """Write the records that are asked for. Raises UsageError when they would not be valid, or the file is there already."""
    from drpolicy.declarations.evidence_text import NotEvidence

    root = find_repository_root(Path.cwd(), Path.cwd())
    try:
        made = list(_records(options, root))
    except NotEvidence as problem:
        raise UsageError(str(problem)) from None
    except OSError as problem:
        raise UsageError(f"{problem.filename}: {problem.strerror}") from None
    text = "---\n".join(_accepted(made, root))
    if options.output is None:
        write(text)
    else:
        _create(options.output, text)
    return PASSED


def _accepted(made: Sequence[tuple[str, Sequence[str]]], root: Path) -> list[str]:
    """Return the records with which nothing is wrong; what is left out, or is not in them, is said.

    Raises UsageError when none is left.
    """
    from drpolicy.app.evidence_refusals import refusals

    refused = refusals([text for text, _ in made], root, Path.cwd(), datetime.now(UTC))
    sound = [each for each, problems in zip(made, refused, strict=True) if not problems]
    said = dict.fromkeys("; ".join(problems) for problems in refused if problems)
    if not sound:
        raise UsageError("; ".join(said))
    for each in (*(f"left out: {each}" for each in said), *(each for _, lacking in sound for each in lacking)):
        complain(each)
    return [text for text, _ in sound]


def _records(options: argparse.Namespace, root: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield records, each with what it does not say and why."""
    from drpolicy.app.evidence_imports import imported
    from drpolicy.app.evidence_record import record_text, recorded_by
    from drpolicy.declarations.evidence_text import NotEvidence

    given = dict(_given(options))
    if options.action == "record":
        by = recorded_by(options.job, options.artefact, root)
        today = datetime.now(UTC).date().isoformat()
        yield record_text(_ordered({"date": today, **given}, by), name=options.name), ()
        return
    try:
        found, left_out = imported(options.source, options.file.read_bytes())
    except NotEvidence as problem:
        raise NotEvidence(f"{options.file}: {problem}") from None
    for reason in left_out:
        complain(f"left out: {reason}")
    if not found:
        raise NotEvidence(f"{options.file}: nothing in it has ended, so there is nothing to record")
    if options.name is not None and len(found) > 1:
        raise NotEvidence(f"{options.file} tells of {len(found)} tests, which cannot have one name: leave --name out")
    for each in found:
        by = recorded_by(options.job or each.id, (*options.artefact, options.file), root)
        spec = _merged(each.spec, given)
        if spec["kind"] == "restore" and "stores" not in spec:
            raise NotEvidence(f"{options.file} does not say which stores of {options.service} were restored: give --store")
        if "date" not in spec:
            raise NotEvidence(f"{options.file} does not say when it was done: give --date")
        lacking = (item for item in each.lacking.items() if getattr(options, item[0]) is None)
        said = [f"{option} is not recorded: {why}; give --{option}" for option, why in lacking]
        yield record_text(_ordered(spec, by), name=options.name, suffix=each.id, notes=each.notes), said


def _merged(own: Mapping[str, Plain], given: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return a file's fields with those given on the command line over them, part by part."""
    merged = {**own, **given}
    for part in ("backup", "measured"):
        theirs, ours = own.get(part), given.get(part)
        if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
            merged[part] = {**theirs, **ours}
    return merged


def _given(options: argparse.Namespace) -> Iterator[tuple[str, Plain]]:
    for name in ("service", "kind", "date", "environment", "disruption", "outcome", *SAID):
        value = getattr(options, name)
        if value is not None:
            yield name, value
    if options.store:
        yield "stores", options.store
    if measured := {name: getattr(options, name) for name in ("rto", "rpo") if getattr(options, name) is not None}:
        yield "measured", measured
    backup = {_camel(name): value for name in _BACKUP if (value := getattr(options, f"backup_{name}")) is not None}
    if backup:
        yield "backup", backup
    if options.approver is not None:
        yield "approver", {"role": options.approver}


_ORDER: Final = (
    "service", "kind", "date", "environment", "disruption", "stores", "outcome", "measured", *SAID, "backup", "approver"
)  # fmt: skip


def _ordered(spec: Mapping[str, Plain], by: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the fields in the order in which people write them."""
    ordered = {name: spec[name] for name in _ORDER if name in spec}
    return {**ordered, "recordedBy": by} if by else ordered


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _create(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and evidence is not overwritten: give another name") from None
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
