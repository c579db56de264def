"""Arguments to exit code. Clock, environment, working directory and streams are read here and passed on."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence

from drpolicy.cli import check_command, estate_commands, knowledge_commands, recovery_commands, repository_commands
from drpolicy.cli.arguments import parser
from drpolicy.cli.evidence_arguments import run_evidence
from drpolicy.cli.exit_codes import INTERNAL, INVALID
from drpolicy.cli.run_settings import UsageError
from drpolicy.cli.terminal import OutputLost, complain

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


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": repository_commands.init,
    "check": check_command.check,
    "audit": check_command.check,
    "lose": estate_commands.lose,
    "estate": estate_commands.estate,
    "checklist": estate_commands.checklist,
    "evidence": run_evidence,
    "export": estate_commands.export,
    "explain": estate_commands.explain,
    "baseline": repository_commands.baseline,
    "declarations": repository_commands.declarations,
    "waivers": repository_commands.waivers,
    "declare": recovery_commands.declare,
    "runbook": recovery_commands.runbook,
    "drill": recovery_commands.drill,
    "policy": knowledge_commands.policy,
    "catalog": knowledge_commands.catalog,
    "schema": knowledge_commands.schema,
    "completion": knowledge_commands.completion,
    "demo": check_command.demo,
}
