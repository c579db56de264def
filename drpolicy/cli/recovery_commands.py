"""``drpolicy runbook`` and ``drpolicy drill``: arguments to text, and text to a new file."""

from __future__ import annotations

import argparse
from pathlib import Path

from drpolicy.cli.exit_codes import PASSED
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import complain, write


def runbook(options: argparse.Namespace) -> int:
    """Draft a runbook."""
    from drpolicy.app.reading import read
    from drpolicy.app.runbook_draft import NoSuchService, draft

    settings = settings_of(options, "check")
    found = read(settings)
    found.remembered.keep()
    try:
        text = draft(options.service, settings, found)
    except NoSuchService as problem:
        raise UsageError(str(problem)) from None
    return deliver(text, options.output)


def drill(options: argparse.Namespace) -> int:
    """Plan a drill, or generate the job that repeats one."""
    from drpolicy.app.drill_manifest import NoDrill, Wanted, manifest
    from drpolicy.app.drill_plan import plan
    from drpolicy.app.reading import read
    from drpolicy.app.runbook_draft import NoSuchService

    settings = settings_of(options, "check")
    found = read(settings)
    found.remembered.keep()
    try:
        if options.action == "plan":
            return deliver(plan(options.service, settings, found), options.output)
        wanted = Wanted(options.schedule, options.image, options.data_check)
        return deliver(manifest(options.service, wanted, settings, found), options.output)
    except (NoSuchService, NoDrill) as problem:
        raise UsageError(str(problem)) from None


def declare(options: argparse.Namespace) -> int:
    """Write a declaration from what the estate shows, or from what others keep."""
    from drpolicy.app.declare import NothingToDeclare
    from drpolicy.app.declare import declare as declared
    from drpolicy.app.reading import read

    if options.from_csv is not None or options.from_backstage is not None:
        return _imported(options)
    settings = settings_of(options, "check")
    found = read(settings)
    found.remembered.keep()
    try:
        return deliver(declared(options.service, settings, found), options.output, "${…}")
    except NothingToDeclare as problem:
        raise UsageError(str(problem)) from None


def _imported(options: argparse.Namespace) -> int:
    from drpolicy.app.service_draft import document
    from drpolicy.app.service_imports import NotImported, from_backstage, from_csv

    given: Path = options.from_csv or options.from_backstage
    try:
        text = given.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{given}: {problem.strerror if isinstance(problem, OSError) else 'it is no UTF-8'}") from None
    try:
        drafts, passed_over = from_csv(text, given.name) if options.from_csv else (from_backstage(text, given.name), [])
    except NotImported as problem:
        raise UsageError(str(problem)) from None
    if passed_over:
        complain(f"{given}: not taken over: {', '.join(passed_over)}")
    return deliver("---\n".join(document(each) for each in drafts), options.output, "${…}")


def deliver(text: str, output: Path | None, blanks: str = "angle brackets") -> int:
    """Print a text, or write it to a file that is not there yet. Raises UsageError when it is."""
    if output is None:
        write(text.rstrip("\n"))
        return PASSED
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{output} is there already, and is never overwritten") from None
    except OSError as problem:
        raise UsageError(f"{output}: {problem.strerror}") from None
    complain(f"{output} was written; fill in what stands in {blanks}")
    return PASSED
