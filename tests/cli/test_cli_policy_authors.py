"""drpolicy policy new, lint and test --mutate: what an author of policies meets."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import here, write

POLICY = """\
apiVersion: drpolicy.dev/v1
kind: Policy
metadata: {id: own-rule, title: A rule of our own, antiPattern: recoverability}
spec:
  subject: Store
  params: {engine: postgres}
  assert: %s
  severity: [{is: high}]
  message: "{self.name}"
why: We said so.
remediation: Do as we said.
examples:
  - name: an instance
    expect: pass
    files: {main.tf: "resource \\"aws_db_instance\\" \\"a\\" {\\n  backup_retention_period = 7\\n}\\n"}
  - name: without backups
    expect: fail
    files: {main.tf: "resource \\"aws_db_instance\\" \\"a\\" {\\n  backup_retention_period = 0\\n}\\n"}
"""
ASSERT = "self.name != params.engine && self.protections.exists(p, p.survives.corruption)"


def test_a_new_policy_is_complete_and_passes(tmp_path: Path) -> None:
    directory = tmp_path / "ours"
    made = here("policy", "new", "replica-too-old", "--directory", directory)
    path = directory / "replica-too-old.yaml"
    said = (
        f"{path}: a policy to start from\n"
        f"  drpolicy policy lint {path}  says what is wrong with it\n"
        f"  drpolicy policy test {path}  runs its examples\n"
        f"  in drpolicy.yaml: policies: {{directories: [{directory.as_posix()}]}}  has check and audit ask it\n"
    )
    assert made == (0, said, "")
    assert here("policy", "lint", "--directory", directory) == (0, "1 policy: nothing to repair\n", "")
    assert here("policy", "test", "--directory", directory, "--mutate") == (0, "1 policy, 3 examples: all as expected\n", "")
    before = path.read_bytes()
    assert here("policy", "new", "replica-too-old", "--directory", directory) == (2, "", f"drpolicy: {path} is there already\n")
    assert path.read_bytes() == before


def test_lint_and_test_find_what_new_has_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {".git/HEAD": ""})
    monkeypatch.chdir(tmp_path)
    built_in = here("policy", "lint").out.removesuffix(": nothing to repair\n")
    assert built_in.endswith(" built-in policies")
    assert here("policy", "new", "replica-too-old").code == 0
    path = tmp_path / "policies" / "replica-too-old.yaml"
    assert here("policy", "lint") == (0, f"{built_in}, 1 policy in policies: nothing to repair\n", "")
    assert here("policy", "lint", "policies/replica-too-old.yaml") == (0, "1 policy: nothing to repair\n", "")
    assert here("policy", "test", "policies/replica-too-old.yaml") == (0, "1 policy, 3 examples: all as expected\n", "")
    assert here("policy", "test", "replica-too-old") == (0, "1 policy, 3 examples: all as expected\n", "")
    path.write_text(path.read_text().replace("why:", "whyy:"))
    linted = here("policy", "lint")
    assert linted.code == 2
    assert "error: policies/replica-too-old.yaml:" in linted.out
    assert linted.out.endswith(f"{built_in}, 0 policies in policies: 2 to repair\n")


def test_lint_finds_the_directories_that_the_configuration_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\npolicies: {directories: [rules]}\n"
    write(tmp_path, {".git/HEAD": "", "ops/drpolicy.yaml": config, "ops/rules/own.yaml": POLICY % ASSERT})
    monkeypatch.chdir(tmp_path / "ops")
    assert here("policy", "lint").out.endswith(" built-in policies, 1 policy in ops/rules: nothing to repair\n")


def test_policies_of_another_tool_are_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {".git/HEAD": "", "policies/limits.yaml": "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n"})
    monkeypatch.chdir(tmp_path)
    assert here("policy", "lint").out.endswith(" built-in policies: nothing to repair\n")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    assert here("policy", "lint", path) == (2, "", f"drpolicy: {path} does not exist\n")
    assert here("policy", "test", path) == (2, "", f"drpolicy: {path} does not exist\n")


@pytest.mark.parametrize("name", ["Replica", "a_b", "../x", "a b", ""])
def test_a_name_that_is_no_policy_id(tmp_path: Path, name: str) -> None:
    ran = here("policy", "new", name, "--directory", tmp_path / "ours")
    assert (ran.code, ran.out) == (2, "")
    assert "is not a policy id: write lower-case words with '-' between them, such as replica-too-old\n" in ran.err
    assert not (tmp_path / "ours").exists()


def lint(tmp_path: Path, text: str) -> tuple[int, list[str]]:
    ran = here("policy", "lint", "--directory", write(tmp_path, {"p/own.yaml": text}) / "p")
    assert ran.err == ""
    return ran.code, ran.out.splitlines()


def test_lint_finds_nothing_in_a_sound_policy(tmp_path: Path) -> None:
    assert lint(tmp_path, POLICY % ASSERT) == (0, ["1 policy: nothing to repair"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("self.name !=", "self.nme !=", "error: own.yaml:7:16: own-rule: spec.assert: no field 'nme' on Store; did you mean 'name'?"),
        ("params.engine", '"postgres"', "warning: own.yaml:6:3: own-rule: no condition reads the parameter 'engine'"),
        (
            "[{is: high}]",
            "[{is: high}, {is: low}]",
            "warning: own.yaml:8:3: own-rule: severity 'high' has no condition, so the one below it never applies",
        ),
        ("expect: fail", "expect: pass", "warning: own.yaml:3:16: own-rule: no example gives fail"),
    ],
)
def test_lint_names_a_mistake_at_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    code, lines = lint(tmp_path, (POLICY % ASSERT).replace(old, new))
    assert (code, lines) == (2, [said, "1 policy: 1 to repair"])


def test_lint_of_a_shape(tmp_path: Path) -> None:
    code, lines = lint(tmp_path, (POLICY % ASSERT).replace("title:", "titel:"))
    assert code == 2
    assert any(line.startswith("error: own.yaml:3:") and "titel" in line for line in lines)


def test_one_id_twice(tmp_path: Path) -> None:
    code, lines = lint(tmp_path, POLICY % ASSERT + "---\n" + POLICY % ASSERT)
    assert code == 2
    assert lines[0].endswith("own-rule: the id is used more than once, also at own.yaml:3:16")


def test_a_policy_in_the_place_of_a_built_in_one_is_only_noted(tmp_path: Path) -> None:
    code, lines = lint(tmp_path, (POLICY % ASSERT).replace("own-rule", "schedule-paused"))
    assert (code, lines[0]) == (0, "note: own.yaml:3:16: schedule-paused: it takes the place of the built-in policy of this id")


def test_the_built_in_policies_are_sound() -> None:
    ran = here("policy", "lint")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)


def test_a_policy_that_nothing_makes_fail_is_named(tmp_path: Path) -> None:
    idle = (
        (POLICY % 'self.name != "b"')
        .replace("params: {engine: postgres}\n  ", "")
        .replace('\\"a\\" {\\n  backup_retention_period = 0', '\\"b\\" {')
    )
    directory = write(tmp_path, {"p/own.yaml": idle}) / "p"
    assert here("policy", "test", "--directory", directory, "--mutate").out.splitlines()[-2] == (
        "note: own-rule: no single change to a passing example makes it fail"
    )
    sound = write(tmp_path, {"q/own.yaml": POLICY % ASSERT}) / "q"
    assert here("policy", "test", "--directory", sound, "--mutate") == (0, "1 policy, 2 examples: all as expected\n", "")


def test_a_wrong_example_is_a_diff_with_how_it_was_decided(tmp_path: Path) -> None:
    write(tmp_path, {"ours/own.yaml": (POLICY % ASSERT).replace("expect: fail", "expect: pass")})
    tested = here("policy", "test", "--directory", tmp_path / "ours")
    assert tested.code == 2
    assert (
        "own-rule: without backups: expected pass, got fail\n"
        "    - pass\n"
        "    + fail\n"
        "      fail aws_db_instance.a: aws_db_instance.a\n"
        f"        assert {ASSERT}: false\n"
        "          self.protections.exists(p, p.survives.corruption): false\n"
        "            p is automated backups with point-in-time recovery\n"
        "              p.survives.corruption: false\n"
        "                automated backups with point-in-time recovery: switched off  main.tf:2:29\n"
    ) in tested.out
