"""Input that is broken, hostile or not there: always a report, always at its place, and the rest is still judged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import ITIMER_REAL, SIGALRM, setitimer, signal
from types import FrameType

import pytest
from repositories import GOOD, PROVIDER, checked, repository, said, verdict

from drpolicy.model.findings import Verdict
from drpolicy.model.report import Report

SECONDS = 60
"""After which a run is taken for one that does not end; the slowest here needs well under one."""


class Hangs(BaseException):
    """Raised in the middle of a run that does not end; nothing in between may catch it."""


@contextmanager
def ending() -> Iterator[None]:
    def stop(_: int, frame: FrameType | None) -> None:
        raise Hangs(f"no end after {SECONDS} s, at {frame}")

    before = signal(SIGALRM, stop)
    setitimer(ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        setitimer(ITIMER_REAL, 0)
        signal(SIGALRM, before)


def run(tmp_path: Path, files: dict[str, str | bytes]) -> Report:
    with ending():
        return checked(repository(tmp_path, files))


def good_is_judged(report: Report) -> bool:
    return verdict(report, "database-without-backup", "aws_db_instance.good") is Verdict.FAIL


BROKEN_HCL = """\
resource "aws_db_instance" "broken" {
  identifier = "orders
  backup_retention_period = [1, 2
}

"""


def test_a_broken_block_costs_itself(tmp_path: Path) -> None:
    report = run(tmp_path, {"main.tf": PROVIDER + BROKEN_HCL + GOOD})
    assert said(report) == ["main.tf:6:16: unclosed string [incomplete]"]
    assert good_is_judged(report)
    assert report.gate.outcome == "incomplete"
    assert report.gate.reasons == ("unclosed string",)


def test_a_file_that_ends_in_a_block_leaves_the_others(tmp_path: Path) -> None:
    report = run(tmp_path, {"main.tf": PROVIDER + GOOD, "open.tf": 'resource "aws_db_instance" "cut" {\n  engine = "mysql"\n'})
    assert said(report) == ['open.tf:1:34: unclosed block "resource" opened at line 1 [incomplete]']
    assert good_is_judged(report)


MANIFEST = """\
apiVersion: velero.io/v1
kind: Schedule
metadata: {{name: {name}, namespace: velero}}
spec: {{schedule: "0 3 * * *", paused: true, template: {{includedNamespaces: [a]}}}}
"""


def test_a_broken_document_costs_itself(tmp_path: Path) -> None:
    text = "---\n".join(
        [
            MANIFEST.format(name="first"),
            "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: second\nspec: [\n",
            MANIFEST.format(name="third"),
        ]
    )
    report = run(tmp_path, {"velero.yaml": text})
    assert said(report) == ["velero.yaml:9:5: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping [incomplete]"]
    paused = {each.subject.name: str(each.span) for each in report.findings if each.policy == "schedule-paused"}
    assert {name: verdict(report, "schedule-paused", name) for name in paused} == dict.fromkeys(("first", "third"), Verdict.FAIL)
    assert paused == {"first": "velero.yaml:4:39", "third": "velero.yaml:14:39"}


BINARY = "was not read: it is a binary file, in line 1 [incomplete]"


@pytest.mark.parametrize(
    ("name", "content", "diagnostic"),
    [
        ("x.tf", b"\x7fELF\0\1\2", f"x.tf:1:5: x.tf {BINARY}"),
        ("x.yaml", b"\x7fELF\0\1\2", f"x.yaml:1:5: x.yaml {BINARY}"),
        ("x.tf", b"# caf\xe9\n", "x.tf:1:6: x.tf was not read: it is not UTF-8: byte 0xe9 at offset 5, in line 1 [incomplete]"),
        (
            "x.yaml",
            b"a: b\nx: caf\xe9\n",
            "x.yaml:2:7: x.yaml was not read: it is not UTF-8: byte 0xe9 at offset 11, in line 2 [incomplete]",
        ),
        ("x.tf", b"\xff\xfe" + "locals {}\n".encode("utf-16-le"), f"x.tf:1:4: x.tf {BINARY}"),
        ("x.yaml", "a: b\n".encode("utf-16"), None),
        ("x.json", '{"a": "b"}'.encode("utf-16"), None),
        ("x.json", b"\xff\xfe{\0x", f"x.json:1:4: x.json {BINARY}"),
        ("x.tf", b"", None),
        ("x.yaml", b"", None),
        ("x.tf", b"\xef\xbb\xbf", None),
        ("x.yaml", b"\xef\xbb\xbf---\n...\n", None),
        ("x.tf", b"\r\n\r\n", None),
    ],
)
def test_what_is_no_text_or_nothing(tmp_path: Path, name: str, content: bytes, diagnostic: str | None) -> None:
    report = run(tmp_path, {"main.tf": PROVIDER + GOOD, name: content})
    assert said(report) == ([] if diagnostic is None else [diagnostic])
    assert good_is_judged(report)


@pytest.mark.parametrize("name", ["big.tf", "big.yaml"])
def test_a_file_of_a_hundred_megabytes_is_named_and_not_read(tmp_path: Path, name: str) -> None:
    repository(tmp_path, {"main.tf": PROVIDER + GOOD})
    with (tmp_path / name).open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    report = run(tmp_path, {})
    assert said(report) == [f"{name}: {name} was not read: the file has 104,857,600 bytes; the limit is 8,388,608 [incomplete]"]
    assert good_is_judged(report)


def test_links_in_a_loop_and_out_of_the_repository_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.tf").write_text('resource "aws_db_instance" "outside" {}\n')
    root = repository(tmp_path / "repository", {"main.tf": PROVIDER + GOOD})
    (root / "a.tf").symlink_to("b.tf")
    (root / "b.tf").symlink_to("a.tf")
    (root / "out.tf").symlink_to(tmp_path / "secret.tf")
    (root / "up").symlink_to("..")
    (root / "here").symlink_to(".")
    (root / ".#main.tf").symlink_to("someone@somewhere.1234")
    report = run(root, {})
    assert said(report) == [
        "a.tf: a.tf was not read: its symbolic links form a loop [incomplete]",
        "b.tf: b.tf was not read: its symbolic links form a loop [incomplete]",
        "out.tf: out.tf was not read: the path leads outside the tree, so it was not opened [incomplete]",
        ".#main.tf: there is no such file [none]",
        "up: the path leads outside the tree, so it was not opened [none]",
    ]
    assert good_is_judged(report)
    assert {each.subject.name for each in report.findings if each.subject.kind == "Store"} == {"aws_db_instance.good"}


def test_a_directory_that_may_not_be_listed_makes_the_run_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, {"main.tf": PROVIDER + GOOD, "locked/main.tf": "locals {}\n"})
    real = os.scandir

    def scandir(path: str) -> object:
        # Root may list everything, and tests do run as root: the refusal is what the system would answer anybody else.
        if os.path.basename(path) == "locked":  # noqa: PTH119 - the argument of os.scandir is a string
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = run(root, {})
    assert said(report) == ["locked: locked was not read: permission denied [incomplete]"]
    assert report.gate.outcome == "incomplete"
    assert good_is_judged(report)


def test_a_file_that_may_not_be_opened_makes_the_run_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, {"main.tf": PROVIDER + GOOD, "locked.tf": "locals {}\n"})
    real = os.open

    def refuse(path: str, *rest: int, **named: int) -> int:
        if str(path).endswith("locked.tf"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    assert said(run(root, {})) == ["locked.tf: locked.tf was not read: permission denied [incomplete]"]


def test_a_pipe_and_a_name_that_is_not_utf8_are_named_and_not_opened(tmp_path: Path) -> None:
    root = repository(tmp_path, {"main.tf": PROVIDER + GOOD})
    os.mkfifo(root / "fifo.yaml")
    (root / os.fsdecode(b"caf\xe9.yaml")).write_text("a: b\n")
    assert said(run(root, {})) == ["caf\\xe9.yaml: its name is not UTF-8 [none]", "fifo.yaml: it is not a regular file [none]"]


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\n"


@pytest.mark.parametrize(
    ("name", "content", "diagnostic"),
    [
        ("x.yaml", CONFIG_MAP + "data: " + "[" * 30_000, "x.yaml:3:106: nested more than 100 levels deep [incomplete]"),
        (
            "x.yaml",
            CONFIG_MAP + "data: " + "{a: " * 30_000 + "1" + "}" * 30_000,
            "x.yaml:3:403: nested more than 100 levels deep [incomplete]",
        ),
        (
            "x.yaml",
            CONFIG_MAP
            + "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
            "x.yaml:7:22: its aliases stand for more than 50,000 values [incomplete]",
        ),
        (
            "x.tf",
            'resource "aws_db_instance" "deep" {\n  engine = ' + "[" * 10_000 + "]" * 10_000 + "\n}\n",
            "x.tf:2:12: nested deeper than 200 [incomplete]",
        ),
        (
            "x.tf",
            'resource "aws_db_instance" "deep" {\n  engine = ' + "(" * 10_000 + '"x"' + ")" * 10_000 + "\n}\n",
            "x.tf:2:12: nested deeper than 200 [incomplete]",
        ),
        (
            "x.tf",
            'resource "aws_db_instance" "deep" {\n  engine = "' + '${"' * 10_000 + '"}' * 10_000 + '"\n}\n',
            "x.tf:2:12: nested deeper than 200 [incomplete]",
        ),
    ],
    ids=["sequences", "mappings", "aliases", "brackets", "parentheses", "templates"],
)
def test_what_is_nested_without_end_is_named_at_its_place(tmp_path: Path, name: str, content: str, diagnostic: str) -> None:
    report = run(tmp_path, {"main.tf": PROVIDER + GOOD, name: content})
    assert said(report)[:1] == [diagnostic]
    assert good_is_judged(report)


@pytest.mark.parametrize(
    "content",
    [
        'resource "aws_db_instance" "deep" {\n' + "a {\n" * 10_000 + "}\n" * 10_000 + "}\n",
        'resource "aws_db_instance" "deep" {\n  engine = ' + "!" * 10_000 + "true\n}\n",
        'resource "aws_db_instance" "deep" {\n  engine = ' + " + ".join(["1"] * 10_000) + "\n}\n",
        'resource "aws_db_instance" "deep" {\n  engine = ' + "true ? 1 : " * 5_000 + "2\n}\n",
        'resource "aws_db_instance" "deep" {\n  engine = a' + ".a" * 10_000 + "\n}\n",
        'resource "aws_db_instance" "deep" {\n  engine = ' + "upper(" * 5_000 + '"a"' + ")" * 5_000 + "\n}\n",
        "locals {\n"
        + "".join(f"  a{n} = local.a{n + 1}\n" for n in range(5_000))
        + '}\nresource "aws_db_instance" "deep" {\n  engine = local.a0\n}\n',
        "locals {\n  a = local.b\n  b = local.a\n}\n" + 'resource "aws_db_instance" "deep" {\n  engine = local.a\n}\n',
        "locals {\n  a0 = [1, 1]\n"
        + "".join(f"  a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 60))
        + '}\nresource "aws_db_instance" "deep" {\n  engine = join("", flatten(local.a59))\n}\n',
        'resource "aws_db_instance" "deep" {\n  count = 999999999\n  engine = "x"\n}\n',
        'resource "aws_db_instance" "deep" {\n  for_each = toset([for n in range(0, 99999999) : tostring(n)])\n  engine = "x"\n}\n',
        'module "again" {\n  source = "./"\n}\n',
        'resource "aws_db_instance" "deep" {\n  engine = "' + "a" * 1_000_000 + '"\n}\n',
    ],
    ids=[
        "blocks", "not", "sum", "conditional", "traversal", "calls", "locals", "cycle", "doubling", "count", "for_each", "self", "long",
    ],
)  # fmt: skip
def test_hcl_without_end_ends_and_the_rest_is_judged(tmp_path: Path, content: str) -> None:
    assert good_is_judged(run(tmp_path, {"main.tf": PROVIDER + GOOD, "x.tf": content}))


ESCAPES = """\
resource "aws_db_instance" "escape" {
  engine                  = file("../../../../etc/passwd")
  identifier              = templatefile("../../../../../../../../etc/passwd", {})
  backup_retention_period = fileexists("../../../../../../../../etc/passwd") ? 7 : 0
  multi_az                = file("/etc/passwd") == ""
  storage_encrypted       = file("linked.txt") == ""
  publicly_accessible     = file("../secret.txt") == ""
  snapshot_identifier     = file("~/.ssh/id_rsa")
}

module "outside" {
  source = "../outside"
}
"""

WATCHED = """\
import os, sys
outside = sys.argv[1]
def hook(event, arguments):
    # Whatever is caught on the way, a process that has ended has not read it.
    if event == "open" and isinstance(arguments[0], str):
        directory, name = os.path.split(arguments[0])
        # The last step is not followed when the caller forbids it: such an open fails where it would leave.
        followed = not arguments[2] & os.O_NOFOLLOW
        path = os.path.realpath(arguments[0]) if followed else os.path.join(os.path.realpath(directory), name)
        if path == "/etc/passwd" or path.startswith(outside):
            os.write(2, path.encode())
            os._exit(99)
sys.addaudithook(hook)
if sys.argv[2] == "--open":
    open(sys.argv[3])
from drpolicy.cli.main import run
sys.exit(run(sys.argv[2:]))
"""


def watched(outside: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WATCHED, str(outside), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_no_expression_reads_a_file_outside_the_repository(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    repository(outside, {"main.tf": 'resource "aws_db_instance" "outside" {}\n'})
    (tmp_path / "secret.txt").write_text("hunter2")
    root = repository(tmp_path / "repository", {"main.tf": PROVIDER + GOOD + ESCAPES})
    (root / "linked.txt").symlink_to(outside / "main.tf")
    ran = watched(outside, "check", root, "--as-of", "2026-11-01", "--format", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "root:x:" not in ran.stdout
    assert "hunter2" not in ran.stdout
    assert "aws_db_instance.outside" not in ran.stdout
    caught = watched(outside, "--open", outside / "main.tf")
    assert (caught.returncode, caught.stderr) == (99, str(outside / "main.tf")), "the watch itself must work"


def test_what_such_an_expression_gives_is_unknown_and_says_why(tmp_path: Path) -> None:
    report = run(tmp_path, {"main.tf": PROVIDER + ESCAPES})
    found = next(each for each in report.findings if each.policy == "database-without-backup")
    assert found.verdict is Verdict.UNKNOWN
    question = found.unknowns[0]
    assert (question.unknown.symbol, question.unknown.reason.label, str(question.span)) == (
        "fileexists(../../../../../../../../etc/passwd)",
        "outside scope",
        "main.tf:8:29",
    )
    assert report.coverage.modules["unresolved"] == ("root:module.outside (../outside)",)
