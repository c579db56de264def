"""Times ``drpolicy check`` over trees of manifests, and the YAML parser alone over the same bytes.

    python benchmarks/manifests.py [--tree DIR] [--megabytes N] [--runs N] [--format FORMAT]

Without ``--tree`` the tree is made: nothing but Velero Schedules, which is the worst case, since every object is judged. With it, a
real GitOps repository is copied until it has the size. The parser's time is the ratio's other side: it is what reading takes at least.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

SCHEDULE = """\
apiVersion: velero.io/v1
kind: Schedule
metadata:
  name: schedule-{number}
  namespace: velero
  labels:
    app.kubernetes.io/part-of: backups
spec:
  schedule: "{minute} {hour} * * *"
  template:
    ttl: 720h
    includedNamespaces:
    - namespace-{namespace}
    excludedResources: [events, events.events.k8s.io]
    snapshotMoveData: true
    storageLocation: default
"""
PER_FILE = 200


def schedules(directory: Path, size: int) -> int:
    """Write Schedules of ``size`` bytes in all; return how many."""
    written = number = 0
    while written < size:
        documents = []
        for _ in range(PER_FILE):
            documents.append(SCHEDULE.format(number=number, minute=number % 60, hour=number % 24, namespace=number % 500))
            written += len(documents[-1])
            number += 1
        (directory / f"schedules-{number}.yaml").write_text("---\n".join(documents), "utf-8")
    return number


def copies(tree: Path, directory: Path, size: int) -> int:
    """Copy the YAML files of a tree until there are ``size`` bytes of them; return how many files."""
    paths = [path for pattern in ("*.yaml", "*.yml") for path in sorted(tree.rglob(pattern)) if path.is_file()]
    written = count = copy = 0
    while paths and written < size:
        for path in paths:
            target = directory / f"copy-{copy}" / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            written += path.stat().st_size
            count += 1
        copy += 1
    return count


def checked(directory: Path, runs: int, format: str) -> float:
    """Return the median wall time of whole processes in seconds, nothing cached."""
    command = [sys.executable, "-m", "drpolicy", "check", str(directory), "--no-cache", "--as-of", "2026-11-01", "--format", format]
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def parsed(directory: Path, runs: int) -> float:
    """Return the median time that PyYAML's parser takes over the files in seconds, its events thrown away."""
    texts = [path.read_text("utf-8") for pattern in ("*.yaml", "*.yml") for path in directory.rglob(pattern)]
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        for text in texts:
            try:
                for _event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                    pass
            except yaml.YAMLError:
                continue
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the two times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--format", default="text", help="what the report is written as (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        (directory / ".git").mkdir()
        size = int(options.megabytes * 1e6)
        count = schedules(directory, size) if options.tree is None else copies(options.tree, directory, size)
        check, parse = checked(directory, options.runs, options.format), parsed(directory, options.runs)
    what = "schedules" if options.tree is None else "files"
    print(f"{count:,} {what}, {options.megabytes:.1f} MB: check {check:.2f} s, the parser alone {parse:.2f} s, ratio {check / parse:.1f}")


if __name__ == "__main__":
    main()
