"""Measures how many verdicts a second the policy engine gives on one core, each with its finding kept.

    python benchmarks/verdicts.py [PATH] [--seconds N] [--profile]

PATH is what is read, once (examples/before without one); then its estate is judged over and over. CPU time, not wall time. Findings are
kept to the end of a round, with their traces for whatever is not a pass. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.setrecursionlimit(20_000)

from drpolicy.app.judging import context_of  # noqa: E402 - the checkout comes first
from drpolicy.app.policies import load_policies  # noqa: E402
from drpolicy.app.reading import read  # noqa: E402
from drpolicy.app.settings import Settings  # noqa: E402
from drpolicy.catalog.load import built_in_catalog  # noqa: E402
from drpolicy.policy.engine import judge  # noqa: E402
from drpolicy.recovery.build import build_estate  # noqa: E402


def main() -> None:
    """Print verdicts per second, by verdict."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("path", nargs="?", type=Path, default=ROOT / "examples/before")
    options.add_argument("--seconds", type=float, default=3.0, help="CPU seconds to judge for (default: %(default)s)")
    options.add_argument("--profile", action="store_true", help="print where the time goes instead")
    given = options.parse_args()
    # As the command does.
    gc.disable()
    settings = Settings((given.path,), Path.cwd(), date(2026, 11, 1))
    found = read(settings)
    policies = load_policies(found.tree, found.configuration, found.base)
    estate = build_estate(found.inputs, built_in_catalog(), settings.as_of)
    context = context_of(settings, found, policies)
    first = time.process_time()
    tally = Counter(each.verdict.value for each in judge(policies.compiled, estate, context).every())
    first = time.process_time() - first
    profile = cProfile.Profile() if given.profile else None
    rounds, spent = 0, 0.0
    while spent < given.seconds:
        if profile is not None:
            profile.enable()
        start = time.process_time()
        kept = judge(policies.compiled, estate, context)
        spent += time.process_time() - start
        if profile is not None:
            profile.disable()
        rounds += 1
        del kept
    verdicts = tally.total()
    print(f"{verdicts:,} verdicts a round: " + ", ".join(f"{name} {count:,}" for name, count in sorted(tally.items())))
    print(f"first round {first * 1e6 / verdicts:.1f} us a verdict, compiling included")
    print(f"then {verdicts * rounds / spent:,.0f} verdicts a second, {spent * 1e6 / (verdicts * rounds):.2f} us each")
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
