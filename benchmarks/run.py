"""Times whole processes and prints medians, and the ratio to a peer measured in the same run.

    python benchmarks/run.py [--tree DIR] [--peer COMMAND] [--runs N]

``--tree`` is a large Terraform tree (cloudposse/terraform-aws-components is the one that figures are quoted for).
``--peer`` is a peer's command in an environment of its own; ``{path}`` is replaced by the directory, as in
``--peer '/path/to/venv/bin/checkov --framework terraform --compact --quiet --skip-download -d {path}'``.
Nothing here is asserted: machines differ, ratios of one run less so.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Timing:
    """Median wall time in seconds and the largest resident size in MiB of one command."""

    seconds: float
    mebibytes: float


def timed(command: list[str], runs: int) -> Timing:
    """Run a command once to warm up, then ``runs`` times; its output is thrown away, its exit code too."""
    seconds, peak = [], 0.0
    for number in range(runs + 1):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        if number:
            seconds.append(time.perf_counter() - start)
            peak = max(peak, usage.ru_maxrss / 1024)
    return Timing(statistics.median(seconds), peak)


def main() -> None:
    """Print a table of drpolicy's and the peer's figures."""
    options = _options()
    drpolicy = [sys.executable, "-m", "drpolicy"]
    with tempfile.TemporaryDirectory() as empty:
        cases: list[tuple[str, list[str], str | None]] = [
            ("--version", [*drpolicy, "--version"], None),
            ("empty directory", [*drpolicy, "check", empty], empty),
            ("examples/before", [*drpolicy, "check", str(ROOT / "examples/before")], str(ROOT / "examples/before")),
        ]
        if options.tree:
            cases.append((options.tree.name, [*drpolicy, "check", str(options.tree)], str(options.tree)))
        print(f"{'case':<40}{'drpolicy s':>12}{'MiB':>8}{'peer s':>10}{'MiB':>8}{'ratio':>8}")
        for name, command, path in cases:
            ours = timed(command, options.runs)
            line = f"{name:<40}{ours.seconds:>12.3f}{ours.mebibytes:>8.0f}"
            if options.peer and path is not None:
                theirs = timed(shlex.split(options.peer.replace("{path}", shlex.quote(path))), options.peer_runs)
                line += f"{theirs.seconds:>10.2f}{theirs.mebibytes:>8.0f}{theirs.seconds / ours.seconds:>7.0f}x"
            print(line, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--peer")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
