"""Runs drpolicy on checkouts of repositories that nobody here wrote, and holds its account of each against the files.

    python benchmarks/corpora.py DIR...

A row per repository: what was read, what became of it, how long it took. Every attribute is known, unknown for a reason, or
was not needed; every block at the top of a file and every Terraform file is counted again, without drpolicy's scanner. What
does not add up, and an exit code that no input may cause, is printed below the row, and the command then exits 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drpolicy.sources.trees import UNLISTED

SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
GATE_DECIDED = {0, 1, 3}
"""What ``check`` may exit with on files that are somebody's own: passed, failed, incomplete."""

COLUMNS = (
    "files",
    "attributes",
    "known",
    "unknown",
    "unneeded",
    "deployments",
    "stores",
    "fail",
    "open",
    "pass",
    "none",
    "diag",
    "s",
    "cpu s",
    "MiB",
)


@dataclass
class Row:
    """What one run said of one repository, and what is wrong with it."""

    name: str
    figures: tuple[str, ...] = ()
    details: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def main() -> int:
    """Print a row for each directory; return 1 when something is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", type=Path, nargs="+", metavar="DIR")
    options = parser.parse_args()
    directories: list[Path] = options.directories
    width = max(len(each.name) for each in directories)
    print(" ".join([" " * width, *(f"{name:>{max(len(name), 6)}}" for name in COLUMNS)]))
    failed = 0
    # Whoever has installed it has compiled it: only the first run pays for that.
    bytecode = tempfile.mkdtemp()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    run(directories[0], environment)
    for directory in directories:
        row = run(directory, environment)
        print(
            " ".join([f"{row.name:{width}}", *(f"{each:>{max(len(name), 6)}}" for name, each in zip(COLUMNS, row.figures, strict=False))])
        )
        for detail in row.details:
            print(f"    {detail}")
        for problem in row.broken:
            print(f"    BROKEN: {problem}")
        sys.stdout.flush()
        failed += bool(row.broken)
    shutil.rmtree(bytecode)
    print(f"{len(directories)} repositories, {failed} broken")
    return 1 if failed else 0


def run(directory: Path, environment: Mapping[str, str]) -> Row:
    """Check one directory as a whole process without a cache."""
    row = Row(directory.name)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        command = [sys.executable, "-m", "drpolicy", "check", "--no-cache", "--format", "json", "."]
        # An archive has no .git: the working directory says where the repository begins.
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment, cwd=directory)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        written, said = out.read(), err.read().decode("utf-8", "replace")
    if code not in GATE_DECIDED:
        row.broken.append(f"exit code {code}: {said.strip() or '(nothing on standard error)'}")
    try:
        report = json.loads(written)
    except json.JSONDecodeError as error:
        row.broken.append(f"no report: {error}")
        return row
    row.figures = tuple(_figures(report, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    row.details += _details(report)
    row.broken += _broken(report, directory)
    return row


def _figures(report: Any, seconds: float, computing: float, mebibytes: float) -> Iterator[str]:
    coverage, summary = report["coverage"], report["summary"]
    yield f"{coverage['files']['terraform']:,}"
    for name in ("attributes", "evaluated", "unknown", "unneeded"):
        yield f"{coverage['expressions'][name]:,}"
    yield f"{len(coverage['deployments'])}"
    yield f"{coverage['stores']}"
    for name in ("fail", "unknown", "pass", "not_applicable", "diagnostics"):
        yield f"{summary[name]:,}"
    yield f"{seconds:.2f}"
    yield f"{computing:.2f}"
    yield f"{mebibytes:.0f}"


def _details(report: Any) -> Iterator[str]:
    for title, counts in (
        ("unknown", report["coverage"]["unknown"]),
        ("diagnostics", Counter(each["code"] for each in report["diagnostics"])),
    ):
        if counts:
            yield f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda each: -each[1]))


def _broken(report: Any, directory: Path) -> Iterator[str]:
    coverage = report["coverage"]
    expressions = coverage["expressions"]
    parts = [expressions[name] for name in ("evaluated", "unknown", "unneeded")]
    if sum(parts) != expressions["attributes"] or min(parts) < 0:
        yield f"{' + '.join(map(str, parts))} is not {expressions['attributes']} attributes"
    if sum(coverage["unknown"].values()) != expressions["unknown"]:
        yield f"the reasons of unknown attributes add up to {sum(coverage['unknown'].values())}, not {expressions['unknown']}"
    said = {each["location"]["path"] for each in report["diagnostics"] if each["location"]}
    unread = {path for path in said if path.endswith(SUFFIXES)}
    files = list(_terraform_files(directory))
    # What is read beside them are var-files.
    if len(files) > coverage["files"]["terraform"] and not unread:
        yield f"{len(files)} Terraform files are on disk, {coverage['files']['terraform']} were read, and no diagnostic names one"
    if not unread:
        written = Counter(type for file in files if file.suffix in (".tf", ".tofu") for type in _blocks(file))
        for type, count in sorted(written.items()):
            if count > coverage["blocks"].get(type, 0):
                yield f"{count} {type} blocks are written, {coverage['blocks'].get(type, 0)} were read"
    findings = Counter(each["verdict"] for each in report["findings"] if not each["waiver"] and not each["baseline"])
    for verdict in ("pass", "fail", "unknown", "not_applicable"):
        if findings[verdict] != report["summary"][verdict]:
            yield f"{findings[verdict]} findings are {verdict}, the summary says {report['summary'][verdict]}"
    for finding in report["findings"]:
        if finding["verdict"] == "unknown" and not finding["unknowns"]:
            yield f"{finding['policy']} on {finding['subject']['address']} is unknown, and nothing says why"


def _terraform_files(directory: Path) -> Iterator[Path]:
    charts = {path.parent / "templates" for path in directory.rglob("Chart.yaml")}
    for path in sorted(directory.rglob("*")):
        inside = path.relative_to(directory)
        listed = UNLISTED.isdisjoint(inside.parts[:-1]) and charts.isdisjoint(path.parents)
        if listed and path.name.endswith(SUFFIXES) and path.is_file():
            yield path


_BLOCK = re.compile(
    r'(terraform|provider|variable|output|locals|module|resource|data|moved|import|removed|check|ephemeral)(?:\s+"[^"]*")*\s*\{'
)
_HEREDOC = re.compile(r"<<[-~]?(\w+)\s*$")


def _blocks(path: Path) -> Iterator[str]:
    """Give the types of the blocks that begin in the first column, outside comments and heredocs."""
    end, comment = None, False
    for line in path.read_text("utf-8", "replace").splitlines():
        if end is not None:
            end = None if line.strip() == end else end
        elif comment:
            comment = "*/" not in line
        elif found := _BLOCK.match(line):
            yield found[1]
        elif found := _HEREDOC.search(line):
            end = found[1]
        elif line.lstrip().startswith("/*"):
            comment = "*/" not in line


if __name__ == "__main__":
    sys.exit(main())
