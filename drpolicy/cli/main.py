"""Arguments to exit code. Clock, environment, working directory and streams are read here and passed on."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from drpolicy.app.settings import Settings
from drpolicy.cli.arguments import FORMAT_NAMES, parser
from drpolicy.cli.environment import cache_directory
from drpolicy.cli.exit_codes import INTERNAL, INVALID, PASSED, code_of
from drpolicy.cli.terminal import OutputLost, complain, options_for, write
from drpolicy.model.findings import Diagnostic
from drpolicy.model.report import Report
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.sources.git import find_repository_root
from drpolicy.triage.gate import PRESETS, GateSettings

RECURSION = 20_000
"""Python frames: expressions are nested up to a cap that needs more than the default of a thousand."""


class UsageError(Exception):
    """Something asked for that cannot be done; the message says what to do instead."""


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


def _settings(options: argparse.Namespace, mode: str) -> Settings:
    paths = tuple(options.paths) or (Path(),)
    files = (*options.var_file, *options.context, *([options.config] if options.config else []))
    for path in (*paths, *files):
        if not path.exists():
            raise UsageError(f"{path} does not exist")
    _readable(paths, files)
    preset = PRESETS[getattr(options, "gate", "pr")]
    return Settings(
        paths=paths,
        cwd=Path.cwd(),
        as_of=options.as_of or datetime.now(UTC).date(),
        mode="audit" if mode == "audit" else "check",
        gate=GateSettings(
            preset.preset,
            getattr(options, "fail_on", None) or preset.fail_on,
            getattr(options, "on_unknown", None) or preset.on_unknown,
            getattr(options, "on_incomplete", None) or preset.on_incomplete,
        ),
        config=options.config,
        var_files=tuple(options.var_file),
        variables=dict(map(_variable, options.var)),
        environment=_terraform_variables() if options.env_vars else {},
        cache=None if options.no_cache else cache_directory(os.environ),
        contexts=tuple(options.context),
        live=bool(getattr(options, "live", None)),
        endpoint_url=getattr(options, "endpoint_url", None),
        trace_passes=mode == "audit",
    )


def _readable(paths: Sequence[Path], files: Sequence[Path]) -> None:
    """Refuse what would be left out in silence: a report that says nothing of a path would read as all being well there."""
    root = find_repository_root(paths[0].resolve(), Path.cwd())
    for path in paths:
        if not path.is_dir():
            raise UsageError(f"{path} is not a directory: recovery is judged over a whole directory, such as {path.parent}")
        if not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} is outside the repository of {paths[0]}: run drpolicy once for each repository")
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file} is not a file")


def _terraform_variables() -> dict[str, str]:
    return {name.removeprefix("TF_VAR_"): text for name, text in os.environ.items() if name.startswith("TF_VAR_")}


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"--var {text}: write NAME=VALUE")
    return name, value


def _check(options: argparse.Namespace) -> int:
    from drpolicy.app.check import check

    outputs = [_output(each) for each in options.output]
    settings = _settings(options, options.command)
    report = _confirmed(settings) if settings.live else check(settings)
    terminal = options_for(sys.stdout, options.color, os.environ, full=options.full)
    for name, path in outputs:
        rendered = FORMATS[name].render(report, _file_options(options.full))
        try:
            path.write_bytes(rendered if isinstance(rendered, bytes) else rendered.encode())
        except OSError as problem:
            raise UsageError(f"--output {name}={path}: {problem.strerror}") from None
    write(FORMATS[options.format].render(report, terminal))
    return code_of(report, require_subjects=options.require_subjects)


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
    settings = _settings(options, "check")
    terminal = options_for(sys.stdout, options.color, os.environ, full=True)
    found = read(settings)
    found.remembered.keep()
    write(render_loss(lose(kind, name, settings, found), color=terminal.color, unicode=terminal.unicode, width=terminal.width))
    return _trouble(found.diagnostics)


def _estate(options: argparse.Namespace) -> int:
    from drpolicy.app.picture import picture_of
    from drpolicy.app.reading import read

    settings = _settings(options, "check")
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


def _export(options: argparse.Namespace) -> int:
    import json

    from drpolicy.app.reading import read
    from drpolicy.recovery.exports import exported

    settings = _settings(options, "check")
    found = read(settings)
    found.remembered.keep()
    name = options.name or found.root.name or "repository"
    write(json.dumps(exported(found.inputs, name, settings.as_of), indent=2, ensure_ascii=False) + "\n")
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
        write(explain(options.what, lambda: _settings(options, "audit")))
    except NotFound as problem:
        raise UsageError(str(problem)) from None
    return PASSED


def _policy(options: argparse.Namespace) -> int:
    from drpolicy.app import policy_commands

    if options.directory is not None and not options.directory.is_dir():
        raise UsageError(f"{options.directory} is not a directory")
    try:
        text, good = policy_commands.run(options.action, getattr(options, "id", None), getattr(options, "ids", []), options.directory)
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


def _schema(options: argparse.Namespace) -> int:
    from drpolicy.app.schemas import schema_text

    write(schema_text(options.name))
    return PASSED


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
    "export": _export,
    "explain": _explain,
    "policy": _policy,
    "catalog": _catalog,
    "schema": _schema,
    "demo": _demo,
}
