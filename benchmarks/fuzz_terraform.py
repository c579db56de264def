"""Mutates real Terraform files and loads them: every crash is reported with what makes it again, and the slowest files.

    python benchmarks/fuzz_terraform.py --corpus DIR [--corpus DIR …] [--seconds N] [--seed N] [--keep DIR]

Each round takes one directory of a corpus, damages one of its files, and loads the directory as ``drpolicy check`` does, every
attribute evaluated. A round is determined by the seed and its number. Exit code 1 when anything crashed.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "terraform")]

from mutations import mutated  # noqa: E402 # stands beside the tests that use it too

from drpolicy.model.values import Known, Members, Object, Value  # noqa: E402
from drpolicy.sources.discovery import discover  # noqa: E402
from drpolicy.sources.trees import MemoryTree  # noqa: E402
from drpolicy.terraform.load import load_terraform  # noqa: E402

SUFFIXES = (".tf", ".tofu", ".tfvars", ".hcl")
MOST_FILES = 25
SLOW = 1.0
"""Seconds of processor time for one directory beyond which it is kept."""


@dataclass(frozen=True)
class Round:
    """One damaged directory and what became of it."""

    number: int
    path: Path
    files: dict[str, bytes]
    seconds: float
    error: str = ""


def main() -> int:
    """Run rounds until the time is up and print what was found."""
    options = _options()
    paths = sorted(path for corpus in options.corpus for path in corpus.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not paths:
        print("no Terraform files", file=sys.stderr)
        return 2
    bad: list[Round] = []
    slowest: list[Round] = []
    stop = time.perf_counter() + options.seconds
    number = options.first
    while time.perf_counter() < stop:
        done = _round(paths, options.seed, number)
        if done.error:
            bad.append(done)
            print(f"round {number}: {done.path}: {done.error.strip().splitlines()[-1]}", flush=True)
        if done.error or done.seconds > SLOW:
            _keep(done, options.keep)
        slowest = sorted([*slowest, done], key=lambda each: -each.seconds)[:5]
        number += 1
    print(f"{number - options.first:,} rounds over {len(paths):,} files with seed {options.seed}: {len(bad)} crashed")
    for each in slowest:
        print(f"  {each.seconds:.2f} s  round {each.number}  {each.path}")
    for error in dict.fromkeys(each.error for each in bad):
        print(error)
    return 1 if bad else 0


def _round(paths: Sequence[Path], seed: int, number: int) -> Round:
    random = Random(f"{seed}/{number}")
    path, other = random.choice(paths), random.choice(paths)
    beside = sorted(each for each in path.parent.iterdir() if each.is_file() and each.suffix in SUFFIXES and each != path)[:MOST_FILES]
    files = {f"a/{each.name}": each.read_bytes() for each in beside}
    files[f"a/{path.name}"] = mutated(path.read_bytes(), other.read_bytes(), random)
    start = time.process_time()
    error = ""
    try:
        _loaded(files)
    except Exception:
        error = traceback.format_exc(limit=-6)
    return Round(number, path, files, time.process_time() - start, error)


def _loaded(files: dict[str, bytes]) -> None:
    tree = MemoryTree(files)
    estate = load_terraform(tree, discover(tree))
    for root in estate.roots:
        for call in root.modules:
            for value in call.inputs.fields.values():
                _walked(value, 0)
    for problem in estate.problems:
        if problem.span is not None:
            str(problem.span)


def _walked(value: Value[object], depth: int) -> None:
    if isinstance(value, Known) and depth < 20:
        match value.value:
            case Members(elements=elements):
                for member in elements[:100]:
                    _walked(member.value, depth + 1)
            case Object(fields=fields):
                for name in list(fields)[:100]:
                    _walked(fields[name], depth + 1)


def _keep(done: Round, directory: Path | None) -> None:
    if directory is None:
        return
    for name, content in done.files.items():
        path = directory / str(done.number) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, action="append", required=True, help="a directory of Terraform files")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first round, to make one again")
    parser.add_argument("--keep", type=Path, help="where the files of rounds that crash or take long are written")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
