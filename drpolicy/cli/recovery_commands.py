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


def deliver(text: str, output: Path | None) -> int:
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
    complain(f"{output} was written; fill in what stands in angle brackets")
    return PASSED
