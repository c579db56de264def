"""``drpolicy policy``, ``catalog``, ``schema`` and ``completion``: what the tool itself knows."""

from __future__ import annotations

import argparse
from pathlib import Path

from drpolicy.cli.exit_codes import INVALID, PASSED
from drpolicy.cli.run_settings import UsageError
from drpolicy.cli.terminal import write


def policy(options: argparse.Namespace) -> int:
    """List, show, write, lint or test policies."""
    from drpolicy.app import policy_commands
    from drpolicy.app.profiles import NoSuchProfile

    if options.action == "new":
        return _new_policy(options)
    if options.directory is not None and not options.directory.is_dir():
        raise UsageError(f"{options.directory} is not a directory")
    if options.action == "docs":
        return _reference(options)
    named = [options.directory] if options.directory is not None else []
    try:
        if options.action == "lint":
            text, good = policy_commands.lint_all([*map(_existing, options.files), *named], Path.cwd())
        elif options.action == "test":
            files = [Path(each) for each in options.ids if each.endswith((".yaml", ".yml"))]
            ids = [each for each in options.ids if Path(each) not in files]
            text, good = policy_commands.test_all(ids, [*map(_existing, files), *named], Path.cwd(), mutate=options.mutate)
        elif getattr(options, "profile", ""):
            text, good = policy_commands.by_control(options.profile, options.directory)
        else:
            text, good = policy_commands.run(options.action, getattr(options, "id", None), options.directory)
    except OSError as problem:
        raise UsageError(f"{problem.filename}: {problem.strerror}") from None
    except (policy_commands.NoSuchPolicy, NoSuchProfile) as problem:
        raise UsageError(str(problem)) from None
    write(text)
    return PASSED if good else INVALID


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    return path


def _reference(options: argparse.Namespace) -> int:
    from drpolicy.app.policy_commands import reference
    from drpolicy.app.policy_reference import NotWritten

    try:
        text, good = reference(options.directory, options.target)
    except NotWritten as problem:
        raise UsageError(str(problem)) from None
    write(text)
    return PASSED if good else INVALID


def catalog(options: argparse.Namespace) -> int:
    """Say what is known of resource types."""
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
    write(
        f"{path}: a policy to start from\n"
        f"  drpolicy policy lint {path}  says what is wrong with it\n"
        f"  drpolicy policy test {path}  runs its examples\n"
        f"  in drpolicy.yaml: policies: {{directories: [{path.parent.as_posix()}]}}  has check and audit ask it"
    )
    return PASSED


def schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of a document."""
    from drpolicy.app.schemas import schema_text

    write(schema_text(options.name))
    return PASSED


def completion(options: argparse.Namespace) -> int:
    """Print the completion script of a shell."""
    from drpolicy.catalog.load import built_in_catalog
    from drpolicy.cli.arguments import parser
    from drpolicy.cli.completion import POLICY, TYPE, commands, script
    from drpolicy.policy.builtin import built_in_policies

    known = {POLICY: [each.id for each in built_in_policies()], TYPE: sorted(built_in_catalog().stores)}
    write(script(options.shell, list(commands(parser(), known))))
    return PASSED
