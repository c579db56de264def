"""``python -m drpolicy`` and the ``drpolicy`` command."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""


def main() -> int:
    """Run the command line and return the exit code. ``--version`` imports nothing else: it is asked for in every hook."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from drpolicy import __version__

        sys.stdout.write(f"drpolicy {__version__}\n")
        return 0
    from drpolicy.cli.main import run

    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(sys.argv[1:])


def _leave(number: int, frame: object) -> None:
    """End at once. An exception in the middle of an import would be a traceback, and may come out as another one."""
    os._exit(INTERRUPTED)


def command() -> None:
    """Run the command line and end the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    try:
        code = main()
    except KeyboardInterrupt:
        # Between the last import and the first line of a command.
        code = INTERRUPTED
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written and nothing is open: taking hundreds of thousands of values apart one by one would only take time.
    os._exit(code)


if __name__ == "__main__":
    command()
