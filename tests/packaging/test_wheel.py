"""The product as users get it: the wheel in an environment of its own, away from the checkout, its directory not writable."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from drpolicy import __version__

CHECKOUT = Path(__file__).resolve().parents[2]
AS_OF = ("--as-of", "2026-11-01")

READ_ONLY = """\
import os, sys
kept = os.path.realpath(sys.prefix)
def hook(event, arguments):
    # What a file system mounted read-only answers, to root as well.
    if event == "open":
        path, _, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        named = [path] if writes else []
    else:
        named = [each for each in arguments if isinstance(each, (str, bytes))] if event in CHANGES else []
    for each in named:
        if isinstance(each, (str, bytes)) and os.path.realpath(os.fsdecode(each)).startswith(kept + os.sep):
            raise OSError(30, "Read-only file system", each)
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "os.utime")
sys.addaudithook(hook)
"""


class Installed(NamedTuple):
    """The environment the wheel was installed into."""

    python: Path
    command: Path
    package: Path


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    # Nothing of the checkout may be found by way of the environment.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DRPOLICY", "FORCE_", "CLICOLOR"))}
    env["PYTHONUTF8"] = "1"
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", output, CHECKOUT)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = output.iterdir()
    assert found.name == f"drpolicy-{__version__}-py3-none-any.whl"
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    root = tmp_path_factory.mktemp("installed") / "venv"
    made = run(sys.executable, "-m", "venv", "--without-pip", root)
    assert made.returncode == 0, made.stderr
    python = root / "bin" / "python"
    # Before the dependencies can be seen: pip must not take the checkout that is installed beside them for this one.
    done = run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    # Files named by a path file are on the path; path files among them are not followed, so the checkout stays out.
    outer = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("\n".join(sorted(outer)) + "\n")
    (packages / "sitecustomize.py").write_text(READ_ONLY)
    return Installed(python, root / "bin" / "drpolicy", packages / "drpolicy")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a directory outside the checkout with a copy of the example in a repository of its own."""
    shutil.copytree(CHECKOUT / "examples" / "before", tmp_path / "infrastructure")
    (tmp_path / "infrastructure" / ".git").mkdir()
    return tmp_path


def test_the_wheel_holds_all_that_is_shipped_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("policies", "schemas", "examples"):
        written = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / folder).rglob("*") if path.is_file()}
        assert {name.removeprefix("drpolicy/shipped/") for name in names if name.startswith(f"drpolicy/shipped/{folder}/")} == written
    data = {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / "drpolicy").rglob("*")
        if path.suffix in (".json", ".j2", ".yaml", ".tf")
    }
    assert len(data) > 5
    assert data <= names
    assert {name.split("/")[0] for name in names} == {"drpolicy", f"drpolicy-{__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert f"drpolicy-{__version__}.dist-info/licenses/LICENSE" in names


def test_it_is_the_installed_one_that_runs_and_it_cannot_write_there(installed: Installed, tmp_path: Path) -> None:
    place = run(installed.python, "-c", "import drpolicy; print(drpolicy.__file__)", cwd=tmp_path).stdout.strip()
    assert Path(place) == installed.package / "__init__.py"
    refused = run(installed.python, "-c", f"open({str(installed.package / 'x')!r}, 'w')", cwd=tmp_path)
    assert refused.stderr.strip().splitlines()[-1].startswith("OSError: [Errno 30] Read-only file system")


def test_version(installed: Installed, tmp_path: Path) -> None:
    for command in ([installed.command], [installed.python, "-m", "drpolicy"]):
        ran = run(*command, "--version", cwd=tmp_path)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"drpolicy {__version__}\n", "")


def test_check_from_another_directory(installed: Installed, elsewhere: Path) -> None:
    written = elsewhere / "report.html"
    options = (*AS_OF, "--format", "json", "--output", f"html={written}", "--output", f"sarif={elsewhere / 'report.sarif'}")
    ran = run(installed.command, "check", "infrastructure", *options, cwd=elsewhere)
    assert (ran.returncode, ran.stderr) == (1, "")
    report = json.loads(ran.stdout)
    assert report["summary"]["gate"] == "failed"
    here = run(sys.executable, "-m", "drpolicy", "check", "infrastructure", *AS_OF, "--format", "json", cwd=elsewhere)
    assert report == json.loads(here.stdout), "the wheel says what the checkout says"
    assert written.read_text("utf-8").startswith("<!DOCTYPE html>")


def _ending(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\d+ failed · |gate pr ", line)]


def test_demo(installed: Installed, tmp_path: Path) -> None:
    for state in ("before", "after"):
        ran, here = (run(*command, "demo", state, cwd=tmp_path) for command in ([installed.command], [sys.executable, "-m", "drpolicy"]))
        assert (ran.returncode, ran.stderr) == (here.returncode, "")
        # Paths are relative to different roots; verdicts and counts are not.
        assert _ending(ran.stdout) == _ending(here.stdout)
        assert re.search(r"^gate pr (passed|failed)", ran.stdout, re.MULTILINE)
    lost = run(installed.command, "demo", "after", "--lose", "ap-northeast-2", cwd=tmp_path)
    assert (lost.returncode, lost.stderr) == (0, "")
    assert "ap-northeast-2 is gone" in lost.stdout
    assert "orders" in lost.stdout


def test_policy_test_and_schema(installed: Installed, tmp_path: Path) -> None:
    ran = run(installed.command, "policy", "test", cwd=tmp_path)
    here = run(sys.executable, "-m", "drpolicy", "policy", "test", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (here.returncode, here.stdout, "")
    count = len(list((CHECKOUT / "policies").glob("*/*.yaml")))
    assert re.fullmatch(rf"{count} built-in policies, \d+ examples: .*", ran.stdout.splitlines()[-1])
    schema = run(installed.command, "schema", "config", cwd=tmp_path)
    assert json.loads(schema.stdout) == json.loads((CHECKOUT / "schemas" / "config.schema.json").read_text("utf-8"))


def test_demo_of_an_environment_inside_a_repository(wheel: Path, tmp_path: Path) -> None:
    """The examples then lie below ``.venv`` of that repository, which a run over the repository passes over."""
    (tmp_path / ".git").mkdir()
    packages = tmp_path / ".venv" / "lib" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    script = (
        f"import sys; sys.path.insert(0, {str(packages)!r}); sys.argv[1:] = ['demo']; from drpolicy.__main__ import main; sys.exit(main())"
    )
    ran = run(sys.executable, "-c", script, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "Nothing that holds data" not in ran.stdout
    assert "gate pr failed" in ran.stdout
