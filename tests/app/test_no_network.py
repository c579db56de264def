"""Without ``--live`` nothing is connected to or looked up, and no program is started but git, which may fetch nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from repositories import EXAMPLES

OFFLINE = """\
import os, sys
NETWORK = ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
           "socket.getnameinfo", "socket.sendto", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect")
def hook(event, arguments):
    # Not an exception: whatever is caught on the way, a process that has ended has not connected.
    bad = event in NETWORK or event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
    if event == "subprocess.Popen":
        command = list(arguments[1])
        bad = command[0] != "git" or "protocol.allow=never" not in command
    if bad:
        os.write(2, f"{event} {arguments!r}".encode())
        os._exit(99)
sys.addaudithook(hook)
if sys.argv[1] == "--probe":
    exec(sys.argv[2])
from drpolicy.cli.main import run
sys.exit(run(sys.argv[1:]))
"""

AS_OF = ("--as-of", "2026-11-01")


def offline(*arguments: str | Path) -> tuple[int, str]:
    command = [sys.executable, "-c", OFFLINE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "probe",
    [
        "import socket; socket.socket()",
        "import _socket; _socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 1)",
        "import subprocess; subprocess.run(['true'])",
        "import subprocess; subprocess.run(['git', 'fetch'])",
        "import os; os.system('true')",
    ],
)
def test_the_guard_itself_works(probe: str) -> None:
    assert offline("--probe", probe)[0] == 99


@pytest.mark.parametrize(("command", "code"), [("check", 1), ("audit", 1)])
def test_every_format_is_written_offline(command: str, code: int, tmp_path: Path) -> None:
    names = ("text", "json", "sarif", "html", "markdown")
    outputs = [part for name in names for part in ("--output", f"{name}={tmp_path / name}")]
    assert offline(command, EXAMPLES / "before", *AS_OF, *outputs) == (code, "")
    assert all((tmp_path / name).stat().st_size for name in names)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("check", EXAMPLES / "before", *AS_OF, "--gate", "hook"), 1),
        (("lose", "ap-northeast-2", EXAMPLES / "before", *AS_OF), 0),
        (("explain", "terraform/databases.tf:37", EXAMPLES / "before", *AS_OF), 0),
        (("policy", "test", "schedule-paused"), 0),
        (("demo",), 1),
    ],
)
def test_every_other_command_works_offline(command: tuple[str | Path, ...], code: int) -> None:
    assert offline(*command) == (code, "")


def test_modules_and_providers_with_remote_sources_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    sources = ("terraform-aws-modules/rds/aws", "git::https://example.com/a.git", "github.com/o/r", "s3::https://example.com/a.zip")
    text = "".join(f'module "m{number}" {{\n  source = "{source}"\n}}\n' for number, source in enumerate(sources))
    (tmp_path / "main.tf").write_text(text)
    assert offline("check", tmp_path, *AS_OF) == (0, "")
