"""``drpolicy check``, ``audit`` and ``demo``: judge, write the reports, return the gate's exit code."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from drpolicy.app.settings import Settings
from drpolicy.cli.arguments import FORMAT_NAMES, parser
from drpolicy.cli.exit_codes import PASSED, code_of
from drpolicy.cli.progress import progress
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import format_for, link_base, options_for, write
from drpolicy.model.records import replace
from drpolicy.model.report import Report
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.sources.git import find_repository_root


def check(options: argparse.Namespace) -> int:
    """Judge, write every report that is asked for, and return the gate's exit code."""
    outputs = [_output(each) for each in options.output]
    settings = settings_of(options, options.command)
    with progress("drpolicy: reading and judging", sys.stderr, os.environ):
        report = _checked(settings)
    terminal = replace(options_for(sys.stdout, options.color, os.environ, full=options.full), language=options.lang)
    for name, path in outputs:
        rendered = FORMATS[name].render(report, _file_options(options.full, options.lang))
        try:
            path.write_bytes(rendered if isinstance(rendered, bytes) else rendered.encode())
        except OSError as problem:
            raise UsageError(f"--output {name}={path}: {problem.strerror}") from None
    code = code_of(report, require_subjects=options.require_subjects)
    if code != PASSED or not options.quiet:
        root = find_repository_root((settings.paths or (settings.cwd,))[0].resolve(), settings.cwd)
        terminal = replace(terminal, link_base=link_base(root, sys.stdout, os.environ))
        write(FORMATS[format_for(options.format, sys.stdout, os.environ)].render(report, terminal), options.lang)
    return code


def _checked(settings: Settings) -> Report:
    from drpolicy.app.check import check
    from drpolicy.app.comparing import NoSuchRevision
    from drpolicy.app.profiles import NoSuchProfile

    try:
        return _confirmed(settings) if settings.live else check(settings)
    except NoSuchProfile as problem:
        raise UsageError(str(problem)) from None
    except NoSuchRevision as problem:
        raise UsageError(f"--diff {settings.diff}: {problem}") from None


def _confirmed(settings: Settings) -> Report:
    from drpolicy.app.check import check
    from drpolicy.aws.interface import LiveUnavailable

    try:
        return check(settings)
    except LiveUnavailable as problem:
        raise UsageError(str(problem)) from None


def _file_options(full: bool, language: str) -> Options:
    """Return how a report is written to a file: plain, everything Unicode."""
    return Options(full=full, language=language)


def _output(text: str) -> tuple[str, Path]:
    name, separator, path = text.partition("=")
    if not separator or not path:
        raise UsageError(f"--output {text}: write FORMAT=FILE, such as html=report.html")
    if name not in FORMAT_NAMES:
        raise UsageError(f"--output {text}: {name!r} is no format; one of {', '.join(FORMAT_NAMES)}")
    return name, Path(path)


def demo(options: argparse.Namespace) -> int:
    """Judge the example estate, or lose a region of it."""
    from drpolicy.app.demo import EXAMPLE_DATE, example_directory

    directory = example_directory(options.state)
    shared = ["--as-of", EXAMPLE_DATE, "--color", options.color]
    if options.lose:
        from drpolicy.cli.estate_commands import lose

        return lose(parser().parse_args(["lose", options.lose, str(directory), *shared]))
    return check(parser().parse_args(["check", str(directory), *shared, *(["--full"] if options.full else [])]))
