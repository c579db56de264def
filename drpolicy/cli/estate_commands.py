"""``drpolicy lose``, ``estate``, ``checklist``, ``export`` and ``explain``: what was read, and what follows from it, without a gate."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from drpolicy.cli.exit_codes import INVALID, PASSED
from drpolicy.cli.run_settings import UsageError, settings_of
from drpolicy.cli.terminal import complain, options_for, write
from drpolicy.model.findings import Diagnostic
from drpolicy.model.records import replace


def lose(options: argparse.Namespace) -> int:
    """Say what a disruption takes, and what comes back from where."""
    from drpolicy.app.lose import lose as losses
    from drpolicy.app.lost_places import NotAPlace, kind_of
    from drpolicy.app.reading import read

    try:
        kind_of(options.what)
        settings = replace(settings_of(options, "check"), every_type=True)
        found = read(settings)
        loss = losses(options.what, settings, found)
    except NotAPlace as problem:
        raise UsageError(str(problem)) from None
    found.remembered.keep()
    if options.format == "json":
        from drpolicy.reporters.loss_json import render_loss_json

        write(render_loss_json(loss))
    else:
        from drpolicy.reporters.loss_text import render_loss

        terminal = options_for(sys.stdout, options.color, os.environ, full=True)
        write(render_loss(loss, color=terminal.color, unicode=terminal.unicode, width=terminal.width))
    return _trouble(found.diagnostics)


def estate(options: argparse.Namespace) -> int:
    """Draw what is where and what protects it."""
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


def checklist(options: argparse.Namespace) -> int:
    """Print the field guide's boxes, each with its evidence or with what would tick it."""
    from drpolicy.app.check import assemble
    from drpolicy.app.checklist import checklist_of
    from drpolicy.app.reading import read
    from drpolicy.reporters.checklist import render_json, render_markdown, render_text

    settings = settings_of(options, "audit")
    found = read(settings)
    report = assemble(settings, found)
    found.remembered.keep()
    boxes = report.checklist
    if options.service is not None:
        if options.service not in {each.name for each in report.services}:
            raise UsageError(f"no service is called {options.service!r}")
        guides = {name: each.guide for name, each in report.policies.items()}
        evidence = found.declarations.evidence
        boxes = checklist_of(report.findings, guides, evidence, report.services, options.service, found.inputs.history)
    match options.format:
        case "json":
            write(render_json(boxes, options.lang, options.service), options.lang)
        case "markdown":
            write(render_markdown(boxes, options.lang), options.lang)
        case _:
            write(render_text(boxes, options.lang), options.lang)
    return _trouble(report.diagnostics)


def export(options: argparse.Namespace) -> int:
    """Print what other repositories need to know of this one."""
    import json

    from drpolicy.app.reading import read
    from drpolicy.recovery.exports import exported

    settings = settings_of(options, "check")
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


def explain(options: argparse.Namespace) -> int:
    """Explain a policy, a finding, or what is said of a line."""
    from drpolicy.app.explain import NotFound
    from drpolicy.app.explain import explain as explanation

    try:
        write(explanation(options.what, lambda: settings_of(options, "audit")))
    except NotFound as problem:
        raise UsageError(str(problem)) from None
    return PASSED
