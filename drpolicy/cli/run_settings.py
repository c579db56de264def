"""Arguments into the settings of a run. Clock, environment, working directory and standard input are read here and passed on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from drpolicy.app.settings import Settings
from drpolicy.cli.environment import cache_directory
from drpolicy.model.spans import Source
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.git import find_repository_root
from drpolicy.sources.reading import read_source
from drpolicy.sources.trees import SIZE_LIMIT
from drpolicy.terraform.plans.attaching import PlanFile
from drpolicy.triage.gate import PRESETS, GateSettings

_PLANS = (".json", ".tfstate", ".tfplan")

_WHOLE = frozenset(map(Path, ("/", "/dev")))
_NO_FILES = (Path("/proc"), Path("/sys"))
"""Directories whose files are what the kernel says, without end."""


class UsageError(Exception):
    """Something asked for that cannot be done; the message says what to do instead."""


def settings_of(options: argparse.Namespace, mode: str) -> Settings:
    """Return the settings that arguments ask for. Raises UsageError; standard input and the files named are read here."""
    if [*map(str, options.paths), *options.plan, *options.state].count("-") > 1:
        raise UsageError("standard input is asked for twice: write one of the two to a file")
    if getattr(options, "diff", None) and (options.plan or options.state):
        raise UsageError("--diff compares what is written on both sides, and a plan or state is of one: leave one of them out")
    paths, rendered = _paths(options.paths)
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
            getattr(options, "on_lost", None) or preset.on_lost,
        ),
        config=options.config,
        var_files=tuple(options.var_file),
        variables=dict(map(_variable, options.var)),
        environment=_terraform_variables() if options.env_vars else {},
        contexts=tuple(options.context),
        plans=(*(_plan("plan", each) for each in options.plan), *(_plan("state", each) for each in options.state)),
        cache=None if options.no_cache else cache_directory(os.environ),
        profile=getattr(options, "profile", ""),
        definitions=_definitions(options.crd_dir),
        live=bool(getattr(options, "live", None)),
        endpoint_url=getattr(options, "endpoint_url", None),
        trace_passes=mode == "audit",
        standard_input=rendered,
        baseline=getattr(options, "baseline", None),
        diff=getattr(options, "diff", None) or None,
        use_baseline=not getattr(options, "no_baseline", False),
    )


def _definitions(directory: Path | None) -> tuple[Source, ...]:
    """Return the files of definitions in a directory. Raises UsageError when there are none: nothing would be checked against them."""
    if directory is None:
        return ()
    if not directory.is_dir():
        raise UsageError(f"--crd-dir {directory}: not a directory")
    tree = DirectoryTree(directory)
    read = (read_source(tree, path) for path in tree.list() if path.endswith((".yaml", ".yml")))
    found = tuple(each for each in read if isinstance(each, Source) and "CustomResourceDefinition" in each.text)
    if not found:
        raise UsageError(f"--crd-dir {directory}: no YAML file in it holds a CustomResourceDefinition")
    return found


def _paths(given: Sequence[Path]) -> tuple[tuple[Path, ...], bytes | None]:
    """Return the paths, and what standard input holds if it is one of them."""
    if Path("-") not in given:
        return tuple(given) or (Path(),), None
    data = sys.stdin.buffer.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"standard input has more than {SIZE_LIMIT:,} bytes: write it to files and check their directory")
    return tuple(path for path in given if path != Path("-")), data


def _readable(paths: Sequence[Path], files: Sequence[Path]) -> None:
    """Refuse what would be left out in silence: a report that says nothing of a path would read as all being well there."""
    root = find_repository_root((paths or (Path(),))[0].resolve(), Path.cwd())
    for path in paths:
        real = path.resolve()
        if real in _WHOLE or any(real.is_relative_to(each) for each in _NO_FILES):
            raise UsageError(f"{real} is no repository: name the directory that holds the configuration")
        if not path.is_dir():
            hint = f"; if it is a plan or a state, give it as --plan {path} or --state {path}" if path.suffix in _PLANS else ""
            raise UsageError(f"{path} is not a directory: recovery is judged over a whole directory, such as {path.parent}{hint}")
        if not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} is outside the repository of {paths[0]}: run drpolicy once for each repository")
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file} is not a file")


def _terraform_variables() -> dict[str, str]:
    return {name.removeprefix("TF_VAR_"): text for name, text in os.environ.items() if name.startswith("TF_VAR_")}


def _plan(kind: Literal["plan", "state"], text: str) -> PlanFile:
    """Read a plan or state that was named: ``FILE``, or ``ROOT=FILE``."""
    root, separator, name = text.partition("=")
    if not separator or Path(text).is_file():
        root, name = "", text
    if name == "-":
        return PlanFile(kind, "-", sys.stdin.buffer.read(), _root(root))
    try:
        return PlanFile(kind, name, Path(name).read_bytes(), _root(root))
    except FileNotFoundError:
        raise UsageError(f"--{kind} {text}: {name} does not exist") from None
    except OSError as problem:
        raise UsageError(f"--{kind} {text}: {name}: {problem.strerror}") from None


def _root(text: str) -> str | None:
    """Return the root that a plan is of as it is named everywhere: without ``./`` and the slash at its end."""
    return PurePosixPath(text).as_posix() if text else None


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"--var {text}: write NAME=VALUE")
    return name, value
