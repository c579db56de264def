"""How time and memory grow with the size of a repository: 1, 4 and 16 copies of a tree, no two alike.

    python benchmarks/scaling.py TREE [--copies 1 4 16] [--runs N]

Equal expressions are parsed once, so copies that are equal would prove nothing: in each copy the names of locals, the
strings and the numbers are other ones. Every run is a whole process without a cache, then one with a warm cache.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_LOCAL = re.compile(r"\blocal\.(\w+)")
_DEFINED = re.compile(r"^(\s+)([A-Za-z_]\w*)(\s*=(?!=))")
_VALUE = re.compile(r'(=\s*|\[\s*|,\s*|\(\s*)"([A-Za-z][\w -]*)"(?=\s*(?:$|[,\])]))')
_NUMBER = re.compile(r"(=\s*)(\d{2,6})\s*$")


def perturbed(text: str, number: int) -> str:
    """Return Terraform text with other names of locals, strings and numbers; its structure stays."""
    lines, depth, in_locals = [], 0, False
    for line in text.splitlines():
        if re.match(r"locals\s*\{", line):
            in_locals, depth = True, 0
        if in_locals and depth == 1:
            line = _DEFINED.sub(rf"\1\2_{number}\3", line)
        depth += line.count("{") - line.count("}")
        in_locals = in_locals and depth > 0
        line = _LOCAL.sub(rf"local.\1_{number}", line)
        if not re.match(r"\s*(source|version|type|default)\s*=", line):
            line = _VALUE.sub(rf'\1"\2-{number}"', line)
            line = _NUMBER.sub(lambda found: f"{found[1]}{int(found[2]) + number}", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def copied(tree: Path, target: Path, copies: int) -> tuple[int, int]:
    """Write copies of the Terraform files of a tree; return how many files and bytes that makes."""
    files = size = 0
    for number in range(copies):
        for path in sorted(tree.rglob("*.tf")):
            text = path.read_text("utf-8", "replace")
            out = target / f"copy{number}" / path.relative_to(tree)
            out.parent.mkdir(parents=True, exist_ok=True)
            data = (perturbed(text, number) if number else text).encode()
            out.write_bytes(data)
            files, size = files + 1, size + len(data)
    return files, size


def measured(path: Path, cache: str, runs: int) -> tuple[float, float]:
    """Return the median wall time in seconds and the peak resident size in MiB."""
    seconds, peak = [], 0.0
    for _ in range(runs):
        start = time.perf_counter()
        environment = {**os.environ, "DRPOLICY_CACHE_DIR": cache}
        process = subprocess.Popen(
            [sys.executable, "-m", "drpolicy", "check", str(path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        _, _, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(seconds), peak


def main() -> None:
    """Print a row for each number of copies, with the growth of time against the growth of size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{'copies':>6} {'files':>6} {'MB':>6} {'cold s':>8} {'MiB':>6} {'s/MB':>6} {'warm s':>8} {'MiB':>6}")
    for copies in options.copies:
        directory = Path(tempfile.mkdtemp())
        try:
            files, size = copied(options.tree, directory / "tree", copies)
            cold, cold_peak = measured(directory / "tree", "", options.runs)
            cache = str(directory / "cache")
            measured(directory / "tree", cache, 1)
            warm, warm_peak = measured(directory / "tree", cache, options.runs)
            megabytes = size / 1e6
            print(
                f"{copies:6} {files:6} {megabytes:6.1f} {cold:8.2f} {cold_peak:6.0f} {cold / megabytes:6.2f} {warm:8.2f} {warm_peak:6.0f}",
                flush=True,
            )
        finally:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
