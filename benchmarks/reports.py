"""Times each format on a report of many findings, each in a process of its own: CPU seconds of rendering, MiB at the most.

    python benchmarks/reports.py [--findings N] [--format NAME]

The report is the one of examples/before, its findings repeated under other addresses until there are enough. What counts is
under ``render``; ``peak`` includes reading the example and holding the report. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import count, islice
from pathlib import Path

from drpolicy.model.records import replace

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.setrecursionlimit(20_000)

from drpolicy.app.check import check  # noqa: E402 - the checkout comes first
from drpolicy.app.judging import worst_first  # noqa: E402
from drpolicy.app.settings import Settings  # noqa: E402
from drpolicy.model.findings import Finding  # noqa: E402
from drpolicy.model.report import Report  # noqa: E402
from drpolicy.reporters.formats import FORMATS, Options  # noqa: E402


def large(findings: int) -> Report:
    """Return a report of that many findings, with the verdicts of the example in its proportions."""
    report = check(Settings((ROOT / "examples/before",), ROOT, date(2026, 11, 1), trace_passes=True))

    found = list(report.every())

    def repeated() -> Iterator[Finding]:
        for number in count():
            for each in found:
                subject = replace(each.subject, address=f"{each.subject.address}[{number}]", name=f"{each.subject.name}[{number}]")
                yield replace(each, subject=subject, fingerprint=f"{each.fingerprint}{number}", cause=f"{each.cause}{number}")

    return replace(report, findings=worst_first(islice(repeated(), findings)), not_applicable=())


def main() -> None:
    """Print a line per format; with ``--format``, measure that one in this process."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--findings", type=int, default=25_000)
    options.add_argument("--format", choices=list(FORMATS))
    chosen = options.parse_args()
    if chosen.format is None:
        print(f"{chosen.findings:,} findings\n{'format':<12}  {'render':>8}  {'size':>10}  {'peak':>10}")
        for name in FORMATS:
            subprocess.run([sys.executable, __file__, "--findings", str(chosen.findings), "--format", name], check=True)
        return
    report = large(chosen.findings)
    start = time.process_time()
    rendered = FORMATS[chosen.format].render(report, Options(full=True))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{chosen.format:<12}  {seconds:>6.2f} s  {len(rendered) / 2**20:>6.1f} MiB  {peak:>6.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
