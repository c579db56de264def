"""``drpolicy init``, ``baseline``, ``waivers`` and ``declarations``: what a repository keeps of drpolicy."""

from __future__ import annotations

import argparse
from pathlib import Path

from drpolicy.cli.exit_codes import FAILED, INVALID, PASSED
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import write
from drpolicy.model.records import replace
from drpolicy.sources.git import find_repository_root


def init(options: argparse.Namespace) -> int:
    """Show the files that a repository starts with, as a diff, and write those that are not there."""
    from drpolicy.app.initial_files import advice, difference, initial_files
    from drpolicy.app.reading import read

    settings = settings_of(options, "check")
    found = read(settings)
    found.remembered.keep()
    files = initial_files(settings, found)
    if files.new:
        write(difference(files))
    if not options.dry_run:
        for file in files.new:
            if not (found.root / file.path).parent.resolve().is_relative_to(found.root):
                raise UsageError(f"{file.path} would lie outside the repository")
        for file in files.new:
            _created(found.root, file.path, file.text)
    said = "would be written" if options.dry_run else "written"
    write(f"{len(files.new)} {'file' if len(files.new) == 1 else 'files'} {said}\n{advice(files)}")
    return PASSED


def _created(root: Path, name: str, text: str) -> None:
    """Write a new file. Raises UsageError, also when it is there."""
    path = root / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as problem:
        raise UsageError(f"{name}: {problem.strerror}") from None


def baseline(options: argparse.Namespace) -> int:
    """Accept what stands, or drop what is gone."""
    from drpolicy.app.baselining import BaselineRefused, changed
    from drpolicy.app.check import assemble
    from drpolicy.app.reading import read

    settings = settings_of(options, "check")
    found = read(settings)
    report = assemble(replace(settings, use_baseline=False), found)
    effects = {each.effect for each in report.diagnostics}
    # What was not read is not gone, so an incomplete run may add to a baseline and must not take from it.
    if "invalid" in effects or ("incomplete" in effects and options.action != "create"):
        raise UsageError("not everything could be read, so the baseline stays as it is: drpolicy check says what")
    try:
        change = changed(options.action, settings, found, report.findings)
    except BaselineRefused as problem:
        raise UsageError(str(problem)) from None
    differs = not change.path.is_file() or change.path.read_text("utf-8") != change.text
    if differs and not options.check:
        _saved(change.path, change.text)
    write(f"{change.path.relative_to(found.root)}: {change.added:,} accepted, {change.removed:,} dropped, {change.kept:,} as before")
    return FAILED if differs and options.check else PASSED


def _saved(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", newline="\n")
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None


def waivers(options: argparse.Namespace) -> int:
    """List or check every waiver."""
    from drpolicy.app import waiver_commands

    text, good = waiver_commands.run(options.action, settings_of(options, "check"))
    write(text)
    return PASSED if good else FAILED


def declarations(options: argparse.Namespace) -> int:
    """Check the shape of declarations, file by file."""
    from drpolicy.app import declaration_check
    from drpolicy.sources.directories import DirectoryTree

    root = find_repository_root(Path.cwd(), Path.cwd())
    for path in options.files:
        if not path.is_file():
            raise UsageError(f"{path} is not a file")
        if not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} is outside the repository")
    text, good = declaration_check.run(DirectoryTree(root), [path.resolve().relative_to(root).as_posix() for path in options.files])
    write(text)
    return PASSED if good else INVALID
