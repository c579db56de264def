"""``drpolicy runbook`` and ``drpolicy drill``: arguments to text, and text to a new file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from drpolicy.cli.exit_codes import PASSED
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import complain, write
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import decoded, utf8
from drpolicy.sources.trees import SIZE_LIMIT

if TYPE_CHECKING:
    from drpolicy.app.reading import Read


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

    given = [each for each in SOURCES if getattr(options, each) is not None]
    if len(given) + (options.form is not None) > 1:
        raise UsageError("declare takes over from one file, or writes in one form: give one of --from-… and --as")
    if given:
        return _imported(options, given[0])
    settings = settings_of(options, "check")
    found = read(settings)
    found.remembered.keep()
    if options.form is not None:
        return _exported(options, found)
    try:
        return deliver(declared(options.service, settings, found), options.output, "comments")
    except NothingToDeclare as problem:
        raise UsageError(str(problem)) from None


SOURCES = ("from_csv", "from_backstage", "from_resilience_hub", "from_region_switch")
"""Options that name a file of others."""


def _imported(options: argparse.Namespace, source: str) -> int:
    from drpolicy.app.service_imports import NotImported

    given: Path = getattr(options, source)
    text = _text_of(given)
    try:
        made, said = _taken_over(source, text, given, options.service)
    except NotImported as problem:
        raise UsageError(str(problem)) from None
    for each in said:
        complain(each)
    return deliver(made, options.output, "comments")


def _text_of(path: Path) -> str:
    """Return the text of a file that may lie anywhere. Raises UsageError."""
    try:
        data = path.read_bytes() if path.stat().st_size <= SIZE_LIMIT else None
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    if data is None:
        raise UsageError(f"{path} is larger than {SIZE_LIMIT:,} bytes")
    found = decoded(path.name, utf8(data))
    if isinstance(found, Problem):
        raise UsageError(found.message)
    return found.text


def _taken_over(source: str, text: str, given: Path, service: str | None) -> tuple[str, list[str]]:
    """Return the YAML that a file makes, and what is to be said of it. Raises NotImported."""
    from drpolicy.app.service_draft import document, tiers_document
    from drpolicy.app.service_imports import from_backstage, from_csv

    if source == "from_resilience_hub":
        from drpolicy.app.resilience_hub_import import as_service, as_tiers, policies

        stated, said = policies(text, given.name)
        return (tiers_document(as_tiers(stated)) if service is None else document(as_service(stated, service))), said
    if source == "from_region_switch":
        from drpolicy.app.region_switch_import import plans

        drafts, said = plans(text, given.name, service)
    elif source == "from_csv":
        drafts, passed_over = from_csv(text, given.name)
        said = [f"{given}: not taken over: {', '.join(passed_over)}"] if passed_over else []
    else:
        drafts, said = from_backstage(text, given.name), []
    return "---\n".join(document(each) for each in drafts), said


def _exported(options: argparse.Namespace, found: Read) -> int:
    from drpolicy.app.resilience_hub_export import NotExported, exported

    tiers = found.configuration.tiers if found.configuration is not None else {}
    service = next((each for each in found.declarations.services if each.name == options.service), None)
    if service is None:
        declared = ", ".join(sorted(each.name for each in found.declarations.services)) or "none"
        raise UsageError(f"--as writes one declared service: give --service; declared: {declared}")
    try:
        made = exported(service, tiers, options.form)
    except NotExported as problem:
        raise UsageError(str(problem)) from None
    for each in made.left_out:
        complain(f"not in the policy as declared: {each}")
    return deliver(made.text, options.output, "")


def deliver(text: str, output: Path | None, blanks: str = "angle brackets") -> int:
    """Print a text, or write it to a file that is not there yet. Raises UsageError when it is."""
    if output is None:
        write(text.rstrip("\n"))
        return PASSED
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{output} is there already, and is never overwritten") from None
    except OSError as problem:
        raise UsageError(f"{output}: {problem.strerror}") from None
    complain(f"{output} was written" + (f"; fill in what stands in {blanks}" if blanks else ""))
    return PASSED
