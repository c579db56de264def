"""The command line: what can be asked, and how help says it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from drpolicy import __version__
from drpolicy.cli.evidence_arguments import evidence_arguments
from drpolicy.cli.usage import Arguments
from drpolicy.model.findings import SEVERITIES

FORMAT_NAMES = ("text", "json", "sarif", "sarif-full", "html", "markdown", "github", "gitlab", "junit", "csv")
SHELLS = ("bash", "zsh", "fish")
ESTATE_FORMATS = ("text", "json", "dot", "mermaid")
PATHS = "directories to read (default: the current one); - for rendered manifests on standard input"
EXIT_CODES = """exit codes: 0 gate passed · 1 gate failed · 2 usage, config, policy or declaration invalid ·
3 incomplete (input unreadable, live access denied) · 70 internal error"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = Arguments(
        prog="drpolicy",
        description="Says what would survive a disaster: holds Terraform, Velero and RTO/RPO declarations against policies.",
        epilog=EXIT_CODES,
    )
    top.add_argument("-V", "--version", action="version", version=f"drpolicy {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    init = commands.add_parser("init", help="drpolicy.yaml, service declarations, hook and pipeline for what is found here")
    init.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    init.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    _reading(init)
    _check(commands.add_parser("check", help="judge a repository; the gate of hooks and pull requests", epilog=EXIT_CODES), "check")
    _check(commands.add_parser("audit", help="judge it for a report, calendar and all", epilog=EXIT_CODES), "audit")
    lose = commands.add_parser("lose", help="what happens when a region, zone or account is gone now")
    lose.add_argument("what", metavar="REGION", help="ap-northeast-2, az:ap-northeast-2a or account:111122223333")
    lose.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help=PATHS)
    lose.add_argument("--format", choices=("text", "json"), default="text", help="(default: %(default)s)")
    _reading(lose)
    estate = commands.add_parser("estate", help="what is where and what protects it: the picture for a runbook")
    estate.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    estate.add_argument("--format", choices=ESTATE_FORMATS, default="text", help="dot is for Graphviz (default: %(default)s)")
    _reading(estate)
    checklist = commands.add_parser("checklist", help="the field guide's boxes: ticked, open or not known, each with its evidence")
    checklist.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    checklist.add_argument("--service", metavar="SERVICE", help="what concerns this service alone")
    checklist.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="(default: %(default)s)")
    _language(checklist)
    _reading(checklist)
    export = commands.add_parser("export", help="what other repositories need to know of this one, as JSON for their --context")
    export.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    export.add_argument("--name", help="what the repository is called there (default: its directory)")
    _reading(export)
    explain = commands.add_parser(
        "explain", help="a policy, a finding, what is said of a line or resource or not known, or a check of another tool"
    )
    explain.add_argument("what", metavar="POLICY|FINGERPRINT|FILE:LINE|ADDRESS|UNKNOWN|CHECK")
    explain.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help=PATHS)
    _reading(explain)
    evidence = commands.add_parser("evidence", help="write records of tests: of a job, or of what another tool wrote about one")
    evidence_arguments(evidence)
    _baseline(commands.add_parser("baseline", help="accept what stands today, so that only what comes after fails the gate"))
    _waivers(commands.add_parser("waivers", help="every waiver that was written, and what has become of it"))
    declared = commands.add_parser("declarations", help="whether services, evidence, drpolicy.yaml and registers are well formed")
    declared.add_argument("files", nargs="+", type=Path, metavar="FILE", help="YAML files; what is not of drpolicy.dev is passed over")
    _declare(commands.add_parser("declare", help="write or complete the declaration of a service from what the repository shows"))
    _runbook(commands.add_parser("runbook", help="draft a runbook from what the repository declares"))
    _drill(commands.add_parser("drill", help="what to restore next, and the job that repeats it"))
    _policy(commands.add_parser("policy", help="list, show, write, lint or test policies"))
    _catalog(commands.add_parser("catalog", help="what is known of a resource type, with sources"))
    schema = commands.add_parser("schema", help="print the JSON Schema of a document")
    schema.add_argument("name", choices=("service", "evidence", "protection", "config", "policy", "report"))
    completion = commands.add_parser("completion", help="print the completion script of a shell")
    completion.add_argument("shell", choices=SHELLS)
    demo = commands.add_parser("demo", help="the example estate, before and after repair, without a clone")
    demo.add_argument("state", nargs="?", choices=("before", "after"), default="before")
    demo.add_argument("--lose", metavar="REGION", help="lose this region in the example")
    demo.add_argument("--full", action="store_true", help="everything, not the first screen")
    demo.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="when to use colour (default: %(default)s)")
    return top


def _check(command: argparse.ArgumentParser, mode: str) -> None:
    command.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help=PATHS)
    command.add_argument(
        "--format",
        choices=("auto", *FORMAT_NAMES),
        default="text",
        help="what is printed (default: %(default)s; auto: github in a GitHub workflow, else text)",
    )
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing when the exit code is 0")
    command.add_argument(
        "--output", action="append", default=[], metavar="FORMAT=FILE", help="also write a report to a file; may be repeated"
    )
    command.add_argument("--full", action="store_true", help="text: everything, not the first screen")
    _language(command)
    command.add_argument("--profile", default="", metavar="NAME", help="only policies that give evidence for NIST 800-53, ISMS-P, … by id")
    gate = command.add_argument_group("gate")
    gate.add_argument(
        "--gate", choices=("hook", "pr", "audit"), default="audit" if mode == "audit" else "pr", help="preset (default: %(default)s)"
    )
    gate.add_argument("--fail-on", choices=SEVERITIES, help="fail on findings of this severity or worse (preset: high)")
    gate.add_argument(
        "--on-unknown", choices=("ignore", "warn", "fail"), help="what an undecided verdict of that severity does (preset: warn)"
    )
    gate.add_argument("--on-incomplete", choices=("ignore", "warn", "fail"), help="what unreadable input does (preset: fail; hook: warn)")
    gate.add_argument("--on-lost", choices=("warn", "fail"), help="with --diff: what breaking what passed does (preset: fail)")
    gate.add_argument("--baseline", type=Path, metavar="FILE", help="what was accepted (default: .drpolicy-baseline.json, if there is one)")
    gate.add_argument("--diff", metavar="BASE", help="count only what is worse than at this git revision, such as origin/main; '' for none")
    gate.add_argument("--no-baseline", action="store_true", help="count what the baseline accepts, too")
    gate.add_argument(
        "--require-subjects", action="store_true", default=mode == "audit", help="exit 3 when nothing that holds data was found"
    )
    live = command.add_argument_group("live confirmation (read only; the only option that opens a connection)")
    live.add_argument("--live", choices=("aws",), help="confirm against the live account what the files declare")
    live.add_argument("--endpoint-url", metavar="URL", help="ask this endpoint instead of AWS's own")
    _reading(command)


def _language(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--lang",
        choices=("en", "ko"),
        default="en",
        help="language of the checklist, and of fixed texts in HTML and Markdown; text and findings stay English (default: %(default)s)",
    )


def _baseline(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, does in (
        ("create", "accept every finding that stands now"),
        ("update", "accept what came since, too, and drop what is gone"),
        ("prune", "drop what is gone, and accept nothing"),
    ):
        action = actions.add_parser(name, help=does)
        action.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
        action.add_argument("--baseline", type=Path, metavar="FILE", help="the baseline (default: .drpolicy-baseline.json)")
        action.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file would change")
        _reading(action)


def _waivers(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, does in (
        ("list", "every waiver, the first to end first"),
        ("check", "exit 1 when one is malformed, expired, unused, unknown or may not waive"),
    ):
        action = actions.add_parser(name, help=does)
        action.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
        _reading(action)


FORMS = ("resiliencehub", "resiliencehubv2", "aws_resiliencehub_resiliency_policy", "aws_resiliencehubv2_policy")
"""Those of ``app/resilience_hub_export``, which is imported only when asked for."""


def _runbook(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="the real names and commands, in order, with what to verify after each")
    new.add_argument("service", metavar="SERVICE", help="a declared service")
    new.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    new.add_argument("--output", type=Path, metavar="FILE", help="write it to this new file instead of printing it; never overwrites")
    _reading(new)


def _declare(command: argparse.ArgumentParser) -> None:
    command.add_argument("--service", metavar="SERVICE", help="only this one (default: one for each group of stores that nobody claims)")
    command.add_argument("--from-csv", type=Path, metavar="FILE", help="take services over from a CSV file, such as the export of a CMDB")
    command.add_argument("--from-backstage", type=Path, metavar="FILE", help="take components over from Backstage's catalog-info.yaml")
    command.add_argument(
        "--from-resilience-hub",
        type=Path,
        metavar="FILE",
        help="take policies over from the JSON of AWS Resilience Hub, as tiers or --service",
    )
    command.add_argument(
        "--from-region-switch", type=Path, metavar="FILE", help="take plans over from the JSON of ARC Region switch (get-plan, list-plans)"
    )
    command.add_argument(
        "--as",
        dest="form",
        choices=FORMS,
        help="write the objectives of --service as a policy of AWS Resilience Hub: JSON for its API, or HCL",
    )
    command.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
    command.add_argument("--output", type=Path, metavar="FILE", help="write it to this new file instead of printing it; never overwrites")
    _reading(command)


def _drill(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    planned = actions.add_parser("plan", help="what to restore next, in which order, by which commands")
    planned.add_argument("--service", metavar="SERVICE", help="only this service (default: all, the longest unproven first)")
    made = actions.add_parser("manifest", help="a CronJob that restores a service's namespaces, checks them, records and cleans up")
    made.add_argument("service", metavar="SERVICE", help="a declared service")
    made.add_argument("--schedule", metavar="CRON", default="0 3 1 * *", help="when it runs, UTC (default: %(default)s)")
    made.add_argument("--image", metavar="IMAGE", default="alpine/k8s:1.31.4", help="with bash and kubectl (default: %(default)s)")
    made.add_argument("--data-check", metavar="COMMAND", default="", help="run in the first workload; fails when the data is not whole")
    for each in (planned, made):
        each.add_argument("paths", nargs="*", default=[], type=Path, metavar="PATH", help="what to read (default: the current directory)")
        each.add_argument("--output", type=Path, metavar="FILE", help="write it to this new file instead of printing it; never overwrites")
        _reading(each)


def _reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, metavar="FILE", help="drpolicy.yaml to use (default: the nearest one upwards)")
    command.add_argument(
        "--context", action="append", default=[], type=Path, metavar="FILE", help="what another repository exports; may be repeated"
    )
    command.add_argument("--var-file", action="append", default=[], type=Path, metavar="FILE", help="Terraform var-file, for every root")
    command.add_argument("--var", action="append", default=[], metavar="NAME=VALUE", help="Terraform variable, for every root")
    command.add_argument("--env-vars", action="store_true", help="also take Terraform variables from TF_VAR_… of the environment")
    command.add_argument("--crd-dir", type=Path, metavar="DIR", help="check Velero's objects against the definitions in these files")
    command.add_argument("--no-cache", action="store_true", help="neither use nor keep what earlier runs learned of unchanged files")
    for kind, made in (("plan", "terraform show -json PLANFILE"), ("state", "terraform show -json, or a terraform.tfstate")):
        command.add_argument(
            f"--{kind}",
            action="append",
            default=[],
            metavar="[ROOT=]FILE",
            help=f"judge a Terraform root by this {kind} ({made}; - reads standard input); may be repeated",
        )
    command.add_argument("--as-of", type=_day, metavar="DATE", help="judge as if it were this day (default: today, UTC)")
    command.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="when to use colour (default: %(default)s)")


def _policy(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every policy, a line each")
    listing.add_argument("--profile", default="", metavar="NAME", help="only those of an outside framework, by its controls")
    shown = actions.add_parser("show", help="one policy, whole")
    shown.add_argument("id", metavar="POLICY")
    tested = actions.add_parser("test", help="run the examples of policies")
    tested.add_argument("ids", nargs="*", default=[], metavar="POLICY|FILE", help="only these (default: all, and those of this repository)")
    tested.add_argument("--mutate", action="store_true", help="also name policies that no change to a passing example makes fail")
    linted = actions.add_parser("lint", help="what is wrong with policies, and where")
    only = "only these (default: all, and those of this repository)"
    linted.add_argument("files", nargs="*", default=[], type=Path, metavar="FILE", help=only)
    new = actions.add_parser("new", help="a policy to start from, with examples that pass")
    new.add_argument("id", metavar="POLICY")
    new.add_argument("--directory", type=Path, metavar="DIR", default=Path("policies"), help="where to write it (default: policies)")
    docs = actions.add_parser("docs", help="write the reference: an index, a page for each policy, and one on conditions")
    docs.add_argument(
        "target", nargs="?", type=Path, metavar="DIR", default=Path("docs/policies"), help="where to (default: docs/policies)"
    )
    for each in (listing, shown, tested, linted, docs):
        each.add_argument("--directory", type=Path, metavar="DIR", help="policies of your own instead of the built-in ones")


def _catalog(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="every type that holds data, a line each")
    shown = actions.add_parser("show", help="one type, whole")
    shown.add_argument("type", metavar="TYPE", help="a resource type, such as aws_db_instance")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-11-01") from None
