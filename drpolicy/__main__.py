"""``python -m drpolicy`` and the ``drpolicy`` command."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line and return the exit code. ``--version`` imports nothing else: it is asked for in every hook."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from drpolicy import __version__

        sys.stdout.write(f"drpolicy {__version__}\n")
        return 0
    from drpolicy.cli.main import run

    return run(sys.argv[1:])


def command() -> None:
    """Run the command line and end the process."""
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written and nothing is open: taking hundreds of thousands of values apart one by one would only take time.
    os._exit(code)


if __name__ == "__main__":
    command()
