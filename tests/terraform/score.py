"""How much of the language agrees with Terraform: ``python tests/terraform/score.py``, per function and syntax form.

``-v`` prints every disagreement.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

from console_answers import answers, disagreement
from golden_corpus import corpus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--only", help="sections that hold this text")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream
    expected = answers()
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in corpus():
        if options.only and options.only not in (row.section, row.file):
            continue
        try:
            difference = disagreement(row.expression, expected[row.expression])
        except Exception as error:
            difference = f"raises {error!r}"
        count = counts[f"{row.file}: {row.section}"]
        count[0] += 1
        count[1] += difference is None
        if difference is not None and options.verbose:
            sys.stdout.write(f"{row.section}: {row.expression!r}: {difference}\n")
    for section, (cases, agreeing) in counts.items():
        sys.stdout.write(f"{agreeing:5} of {cases:5}  {section}" + ("" if cases == agreeing else "  <") + "\n")
    sys.stdout.write(f"{sum(good for _, good in counts.values()):5} of {sum(all_ for all_, _ in counts.values()):5}  together\n")


if __name__ == "__main__":
    main()
