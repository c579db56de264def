"""Arguments to exit code. Clock, environment, working directory and streams are read here and passed on."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from drpolicy.app.settings import Settings
from drpolicy.cli.arguments import FORMAT_NAMES, parser
from drpolicy.cli.exit_codes import FAILED, INTERNAL, INVALID, PASSED, code_of
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import OutputLost, complain, format_for, options_for, write
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.sources.git import find_repository_root

RECURSION = 20_000
"""Python frames: expressions are nested up to a cap that needs more than the default of a thousand."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. A bug is exit 70, never a finding."""
    # Trees of values are built and kept to the end: collecting cycles on the way costs a multiple and frees nothing.
    gc.disable()
    sys.setrecursionlimit(RECURSION)
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except UsageError as problem:
        complain(f"drpolicy: {problem}")
        return INVALID
    except KeyboardInterrupt:
        return 130
    except OutputLost as problem:
        complain(f"drpolicy: standard output: {problem}")
        return INVALID
    except Exception as problem:  # the one place where a bug is caught: exit 1 would read as findings
        if os.environ.get("DRPOLICY_DEBUG"):
            raise
        complain(f"drpolicy: internal error: {type(problem).__name__}: {problem}\nset DRPOLICY_DEBUG=1 to see where, and please report it")
        return INTERNAL


def _check(options: argparse.Namespace) -> int:
    outputs = [_output(each) for each in options.output]
    settings = settings_of(options, options.command)
    report = _checked(settings)
    terminal = options_for(sys.stdout, options.color, os.environ, full=options.full)
    for name, path in outputs:
        rendered = FORMATS[name].render(report, _file_options(options.full))
        try:
            path.write_bytes(rendered if isinstance(rendered, bytes) else rendered.encode())
        except OSError as problem:
            raise UsageError(f"--output {name}={path}: {problem.strerror}") from None
    code = code_of(report, require_subjects=options.require_subjects)
    if code != PASSED or not options.quiet:
        write(FORMATS[format_for(options.format, sys.stdout, os.environ)].render(report, terminal))
    return code


def _checked(settings: Settings) -> Report:
    from drpolicy.app.check import check
    from drpolicy.app.comparing import NoSuchRevision

    try:
        return _confirmed(settings) if settings.live else check(settings)
    except NoSuchRevision as problem:
        raise UsageError(f"--diff {settings.diff}: {problem}") from None


def _confirmed(settings: Settings) -> Report:
    from drpolicy.app.check import check
    from drpolicy.aws.interface import LiveUnavailable

    try:
        return check(settings)
    except LiveUnavailable as problem:
        raise UsageError(str(problem)) from None


def _file_options(full: bool) -> Options:
    """Return how a report is written to a file: plain, everything Unicode."""
    return Options(full=full)


def _output(text: str) -> tuple[str, Path]:
    name, separator, path = text.partition("=")
    if not separator or not path:
        raise UsageError(f"--output {text}: write FORMAT=FILE, such as html=report.html")
    if name not in FORMAT_NAMES:
        raise UsageError(f"--output {text}: {name!r} is no format; one of {', '.join(FORMAT_NAMES)}")
    return name, Path(path)


def _lose(options: argparse.Namespace) -> int:
    from drpolicy.app.lose import lose, parse_loss
    from drpolicy.app.reading import read
    from drpolicy.reporters.loss_text import render_loss

    try:
        kind, name = parse_loss(options.what)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    settings = settings_of(options, "check")
    terminal = options_for(sys.stdout, options.color, os.environ, full=True)
    found = read(settings)
    found.remembered.keep()
    write(render_loss(lose(kind, name, settings, found), color=terminal.color, unicode=terminal.unicode, width=terminal.width))
    return _trouble(found.diagnostics)


def _estate(options: argparse.Namespace) -> int:
    from drpolicy.app.picture import picture_of
    from drpolicy.app.reading import read

    settings = settings_of(options, "check")
    found = read(settings)
    picture = picture_of(settings, found)
    found.remembered.keep()
    match options.format:
        case "json":
            from drpolicy.reporters.estate_json import render_estate_json

            write(render_estate_json(picture))
        case "dot" | "mermaid":
            from drpolicy.reporters.estate_graph import graphviz, mermaid

            write(graphviz(picture) if options.format == "dot" else mermaid(picture))
        case _:
            from drpolicy.reporters.estate_text import render_estate

            write(render_estate(picture, options_for(sys.stdout, options.color, os.environ, full=True)))
    return _trouble(found.diagnostics)


def _trouble(diagnostics: Sequence[Diagnostic]) -> int:
    """Say what could not be read, for commands that do not report it; return the exit code."""
    for each in diagnostics:
        if each.level == "error":
            complain(f"error: {each.span or each.path}: {each.message}")
    return INVALID if any(each.effect == "invalid" for each in diagnostics) else PASSED


def _explain(options: argparse.Namespace) -> int:
    from drpolicy.app.explain import NotFound, explain

    try:
        write(explain(options.what, lambda: settings_of(options, "audit")))
    except NotFound as problem:
        raise UsageError(str(problem)) from None
    return PASSED


def _baseline(options: argparse.Namespace) -> int:
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


def _waivers(options: argparse.Namespace) -> int:
    from drpolicy.app import waiver_commands

    text, good = waiver_commands.run(options.action, settings_of(options, "check"))
    write(text)
    return PASSED if good else FAILED


def _declarations(options: argparse.Namespace) -> int:
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


def _policy(options: argparse.Namespace) -> int:
    from drpolicy.app import policy_commands

    if options.action == "new":
        return _new_policy(options)
    if options.directory is not None and not options.directory.is_dir():
        raise UsageError(f"{options.directory} is not a directory")
    try:
        text, good = policy_commands.run(
            options.action,
            getattr(options, "id", None),
            getattr(options, "ids", []),
            options.directory,
            mutate=getattr(options, "mutate", False),
        )
    except policy_commands.NoSuchPolicy as problem:
        raise UsageError(str(problem)) from None
    write(text)
    return PASSED if good else INVALID


def _catalog(options: argparse.Namespace) -> int:
    from drpolicy.app import catalog_page

    try:
        write(catalog_page.listing() if options.action == "list" else catalog_page.page(options.type))
    except catalog_page.NoSuchType as problem:
        raise UsageError(str(problem)) from None
    return PASSED


def _new_policy(options: argparse.Namespace) -> int:
    from drpolicy.app.policy_scaffold import NotScaffolded, scaffold

    try:
        path = scaffold(options.id, options.directory)
    except NotScaffolded as problem:
        raise UsageError(str(problem)) from None
    write(f"{path}: a policy to start from; drpolicy policy test --directory {path.parent} runs its examples")
    return PASSED


def _schema(options: argparse.Namespace) -> int:
    from drpolicy.app.schemas import schema_text

    write(schema_text(options.name))
    return PASSED


def _runbook(options: argparse.Namespace) -> int:
    from drpolicy.cli.recovery_commands import runbook

    return runbook(options)


def _declare(options: argparse.Namespace) -> int:
    from drpolicy.cli.recovery_commands import declare

    return declare(options)


def _drill(options: argparse.Namespace) -> int:
    from drpolicy.cli.recovery_commands import drill

    return drill(options)


def _demo(options: argparse.Namespace) -> int:
    from drpolicy.app.demo import EXAMPLE_DATE, example_directory

    directory = example_directory(options.state)
    shared = ["--as-of", EXAMPLE_DATE, "--color", options.color]
    if options.lose:
        return _lose(parser().parse_args(["lose", options.lose, str(directory), *shared]))
    return _check(parser().parse_args(["check", str(directory), *shared, *(["--full"] if options.full else [])]))


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "audit": _check,
    "lose": _lose,
    "estate": _estate,
    "explain": _explain,
    "baseline": _baseline,
    "declarations": _declarations,
    "waivers": _waivers,
    "declare": _declare,
    "runbook": _runbook,
    "drill": _drill,
    "policy": _policy,
    "catalog": _catalog,
    "schema": _schema,
    "demo": _demo,
}
