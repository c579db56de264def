"""How much of the language agrees with Terraform: ``python tests/terraform/score.py``, per function and syntax form.

``--terraform-tables DIR`` and ``--specsuite DIR`` compare with the tests in a checkout of hashicorp/terraform or hashicorp/hcl instead.
``-v`` prints every disagreement, and what is passed over with the reason.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from console_answers import answers, disagreement
from golden_corpus import EXCLUDED, corpus
from oracle_specsuite import compared as compared_with_specsuite
from oracle_tables import compared as compared_with_tables


class Compared(NamedTuple):
    """One case: ``difference`` is how it disagrees, ``excluded`` why it is not counted."""

    section: str
    case: str
    difference: str | None
    excluded: str | None


def compared_with_console(only: str | None) -> Iterator[Compared]:
    expected = answers()
    for row in corpus():
        if only and only not in (row.section, row.file):
            continue
        why = EXCLUDED.get(row.expression)
        difference = None if why else disagreement(row.expression, expected[row.expression])
        yield Compared(f"{row.file}: {row.section}", row.expression, difference, why)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--only", help="sections that hold this text")
    parser.add_argument("--terraform-tables", type=Path, metavar="DIR", help="a checkout of hashicorp/terraform")
    parser.add_argument("--specsuite", type=Path, metavar="DIR", help="a checkout of hashicorp/hcl")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream
    if options.terraform_tables:
        rows = (Compared(*row) for row in compared_with_tables(options.terraform_tables, options.only))
    elif options.specsuite:
        rows = (Compared(*row) for row in compared_with_specsuite(options.specsuite))
    else:
        rows = compared_with_console(options.only)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    excluded: Counter[str] = Counter()
    for row in rows:
        if row.excluded is not None:
            excluded[row.excluded] += 1
            if options.verbose:
                sys.stdout.write(f"{row.section}: {row.case!r} is not counted: {row.excluded}\n")
            continue
        count = counts[row.section]
        count[0] += 1
        count[1] += row.difference is None
        if row.difference is not None and options.verbose:
            sys.stdout.write(f"{row.section}: {row.case!r}: {row.difference}\n")
    for section, (cases, agreeing) in counts.items():
        sys.stdout.write(f"{agreeing:5} of {cases:5}  {section}" + ("" if cases == agreeing else "  <") + "\n")
    agreeing, cases = (sum(count[index] for count in counts.values()) for index in (1, 0))
    sys.stdout.write(f"{agreeing:5} of {cases:5}  together\n")
    for why, number in excluded.most_common():
        sys.stdout.write(f"{number:5} not counted: {why}\n")
    return int(agreeing != cases)


if __name__ == "__main__":
    raise SystemExit(main())
