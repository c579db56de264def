"""action.yml and the templates for CI: parsed, held against the command line, and the action's script run by bash."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from drpolicy.cli.arguments import parser

CHECKOUT = Path(__file__).resolve().parents[2]
AFTER = CHECKOUT / "examples" / "after"


def read(name: str) -> Any:
    return yaml.safe_load((CHECKOUT / name).read_text("utf-8"))


ACTION = read("action.yml")
(STEP,) = ACTION["runs"]["steps"]
DEFAULTS = {name: each["default"] for name, each in ACTION["inputs"].items()}


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "docs/ci/github-workflow.yml"),
        ("vendor.gitlab-ci", "docs/ci/gitlab-ci.yml"),
    ],
)
def test_each_meets_the_schema_of_its_host(schema: str, file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done.stderr


def test_zizmor_finds_nothing_in_the_action_and_the_workflow() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    # It paints its answer where CI is set.
    options = ["--offline", "--no-progress", "--color", "never", "--persona", "pedantic"]
    command = [zizmor, *options, "action.yml", "docs/ci/github-workflow.yml"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No findings to report. Good job!"), done.stdout


def test_inputs_reach_the_script_through_the_environment_only() -> None:
    assert "${{" not in STEP["run"]
    passed = {value for value in STEP["env"].values() if value.startswith("${{ inputs.")}
    assert passed == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


def act(directory: Path, workspace: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Run the action's script as a runner would, with the checkout's drpolicy where pip would have installed it."""
    tools = directory / "tools"
    tools.mkdir(parents=True)
    command = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m drpolicy "$@"\n'
    made = f'#!/bin/sh\nmkdir -p "$3/bin"\ncp {tools}/drpolicy {tools}/python "$3/bin"\n'
    for name, text in (("drpolicy", command), ("python", '#!/bin/sh\necho "$@" >> "$RUNNER_TEMP/installed"\n'), ("python3", made)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    values = {**DEFAULTS, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    env = {
        variable: values[template.removeprefix("${{ inputs.").removesuffix(" }}")] if "inputs." in template else str(CHECKOUT)
        for variable, template in STEP["env"].items()
    }
    env |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(directory), "PYTHONPATH": str(CHECKOUT)}
    env |= {name: str(directory / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    shell = shutil.which("bash")
    assert shell is not None
    done = subprocess.run(
        [shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=workspace,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    written = directory / "github_output"
    outputs = dict(line.split("=", 1) for line in written.read_text().splitlines()) if written.exists() else {}
    return done.returncode, outputs, done.stdout + done.stderr


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(AFTER, tmp_path / "workspace")
    (tmp_path / "workspace" / ".git").mkdir()
    return tmp_path / "workspace"


def test_the_action_passes_what_is_repaired(tmp_path: Path, workspace: Path) -> None:
    code, outputs, said = act(tmp_path / "runner", workspace)
    assert (code, outputs) == (0, {"outcome": "passed", "exit-code": "0"}), said
    assert (workspace / "drpolicy.sarif").exists()
    assert json.loads((workspace / "drpolicy.json").read_text())["summary"]["gate"] == "passed"
    assert (tmp_path / "runner" / "github_step_summary").read_text().startswith("<!-- drpolicy -->\n")
    assert (tmp_path / "runner" / "installed").read_text() == f"-m pip install --quiet --disable-pip-version-check {CHECKOUT}\n"


def test_the_action_fails_with_annotations_and_a_summary(tmp_path: Path, workspace: Path) -> None:
    shutil.rmtree(workspace / "kubernetes")
    code, outputs, said = act(tmp_path / "runner", workspace, version="0.1.0", gate="audit")
    assert (code, outputs) == (1, {"outcome": "failed", "exit-code": "1"})
    assert any(line.startswith("::error file=") for line in said.splitlines())
    assert "## drpolicy: gate failed" in (tmp_path / "runner" / "github_step_summary").read_text()
    assert (tmp_path / "runner" / "installed").read_text().endswith(" drpolicy==0.1.0\n")


@pytest.mark.parametrize("version", ["0.1.0; touch owned", "latest", "git+https://example.org/x", "--index-url=x", "0.1.0\ntouch owned"])
def test_only_an_exact_version_is_installed(tmp_path: Path, workspace: Path, version: str) -> None:
    code, outputs, _ = act(tmp_path / "runner", workspace, version=version)
    assert (code, outputs) == (2, {})
    assert not (tmp_path / "runner" / "installed").exists()
    assert not (workspace / "owned").exists()


@pytest.mark.parametrize("inputs", [{"path": "--help"}, {"diff": "--all"}, {"fail_on": "low --exit-zero"}, {"path": "$(touch owned)"}])
def test_what_a_pull_request_can_fill_is_no_option(tmp_path: Path, workspace: Path, inputs: dict[str, str]) -> None:
    code, outputs, _ = act(tmp_path / "runner", workspace, **inputs)
    assert (code, outputs) == (2, {"outcome": "invalid", "exit-code": "2"})
    assert not (workspace / "owned").exists()


def test_the_workflow_pins_what_it_uses_and_asks_for_little() -> None:
    workflow = read("docs/ci/github-workflow.yml")
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    used = [step["uses"] for step in job["steps"]]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each) for each in used)
    (own,) = [step for step in job["steps"] if step["uses"].startswith("drpolicy/")]
    assert set(own["with"]) <= set(ACTION["inputs"])
    named = set(re.findall(r"steps\.drpolicy\.outputs\.([\w-]+)", json.dumps(job)))
    assert named <= set(ACTION["outputs"])


def test_the_gitlab_template_asks_for_what_there_is() -> None:
    (job,) = read("docs/ci/gitlab-ci.yml").values()
    (script,) = job["script"]
    options = parser().parse_args(shlex.split(script)[1:])
    assert options.diff == "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    written = dict(each.split("=", 1) for each in options.output)
    assert job["artifacts"]["reports"] == {"codequality": written["gitlab"], "junit": written["junit"]}
    assert job["artifacts"]["paths"] == [written["html"]]


def test_every_hook_is_a_command_that_there_is() -> None:
    for hook in read(".pre-commit-hooks.yaml"):
        arguments = shlex.split(hook["entry"])
        assert arguments[0] == "drpolicy"
        files = [] if hook.get("pass_filenames") is False else ["a.yaml"]
        assert parser().parse_args([*arguments[1:], *files]).command in {"check", "policy", "declarations"}
