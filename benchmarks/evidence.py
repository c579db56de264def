"""Ten thousand services and fifty thousand evidence records, judged: ``python benchmarks/evidence.py [SERVICES] [RECORDS]``.

CPU seconds of one process, after the files were written: reading (with a cold cache, then a warm one) and judging apart.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from drpolicy.app.check import assemble
from drpolicy.app.reading import read
from drpolicy.app.settings import Settings

AS_OF = date(2026, 11, 1)
KINDS = ("restore", "failover", "training", "review", "tabletop")
PLATFORM = 20
"""Services that all others need; they need each other not at all."""
PER_FILE = 100
"""Documents in a file: declarations of this number come from a catalogue or a database, many to a file."""

SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {{name: service-{number}}}
spec:
  owner: team-{team}
  tier: critical
{needs}  stores:
    - {{name: db, ref: "arn:aws:rds:ap-northeast-2:111122223333:db:service-{number}"}}
"""
NEEDS = "  dependsOn:\n    - {{service: service-{}}}\n"
RECORD = """\
apiVersion: drpolicy.dev/v1
kind: Evidence
metadata: {{name: record-{number}}}
spec:
  service: service-{service}
  kind: {kind}
  date: {day}
  outcome: passed
  measured: {{rto: 40m}}
  application: passed
  integrity: passed
  recordedBy: {{job: "https://ci.example.com/{number}"}}
"""
CONFIGURATION = """\
apiVersion: drpolicy.dev/v1
kind: Config
tiers:
  critical:
    objectives:
      region: {rto: 1h, rpo: 15m}
"""


def write(root: Path, services: int, records: int) -> None:
    """Write the declarations and the configuration."""
    (root / "drpolicy.yaml").write_text(CONFIGURATION, "utf-8")
    texts = [
        SERVICE.format(number=each, team=each % 200, needs=NEEDS.format(each % PLATFORM) if each >= PLATFORM else "")
        for each in range(services)
    ]
    _files(root / "services", texts)
    _files(root / "evidence", list(_records(services, records)))


def _records(services: int, records: int) -> Iterator[str]:
    for number in range(records):
        day = AS_OF - timedelta(days=number * 13 % 700)
        yield RECORD.format(number=number, service=number % services, kind=KINDS[number // services % len(KINDS)], day=day)


def _files(directory: Path, texts: list[str]) -> None:
    directory.mkdir()
    for start in range(0, len(texts), PER_FILE):
        (directory / f"{start:06}.yaml").write_text("---\n".join(texts[start : start + PER_FILE]), "utf-8")


def main(services: int, records: int) -> None:
    """Print the time of each part."""
    sys.setrecursionlimit(20_000)
    gc.disable()
    with tempfile.TemporaryDirectory() as made:
        root = Path(made, "repository")
        root.mkdir()
        write(root, services, records)
        settings = Settings(paths=(root,), cwd=root, as_of=AS_OF, cache=Path(made, "cache"))
        for state in ("cold", "warm"):
            began = time.process_time()
            found = read(settings)
            between = time.process_time()
            report = assemble(settings, found)
            ended = time.process_time()
            found.remembered.keep()
            print(f"{state}: read {between - began:.2f} s, judged {ended - between:.2f} s, {len(report.findings):,} findings")


if __name__ == "__main__":
    counts = [int(each) for each in sys.argv[1:3]]
    main(*counts, *(10_000, 50_000)[len(counts) :])
