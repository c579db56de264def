"""``--plan`` and ``--state``, from the command line to verdicts."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import AS_OF, BEFORE, DATABASE, Ran, here, write

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "tests" / "terraform" / "plans" / "examples_before.json"
FILES: dict[str, str | bytes] = {"main.tf": DATABASE}


def plan(**after: Any) -> str:
    """Return a plan of the database that is written in ``main.tf``."""
    identity = {"address": "aws_db_instance.orders", "mode": "managed", "type": "aws_db_instance", "name": "orders"}
    written = {"identifier": "orders", "engine": "postgres", "backup_retention_period": 0, "region": "ap-northeast-2"}
    change = {"actions": ["create"], "before": None, "after": {**written, **after}, "after_unknown": {"arn": True}, "after_sensitive": {}}
    configuration = {
        "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "ap-northeast-2"}}}},
        "root_module": {
            "resources": [
                {
                    **identity,
                    "provider_config_key": "aws",
                    "expressions": {name: {"constant_value": each} for name, each in written.items() if name != "region"},
                }
            ]
        },
    }
    return json.dumps({"format_version": "1.2", "resource_changes": [{**identity, "change": change}], "configuration": configuration})


def checked(path: Path, *options: str | Path) -> Ran:
    return here("check", path, *AS_OF, "--format", "json", *options)


def verdict(ran: Ran, policy: str = "database-without-backup") -> tuple[str, str, int]:
    (finding,) = [each for each in json.loads(ran.out)["findings"] if each["policy"] == policy and each["verdict"] != "not_applicable"]
    return finding["verdict"], finding["location"]["path"], finding["location"]["start"]["line"]


def diagnostics(ran: Ran) -> list[tuple[str, str]]:
    return [(each["code"], each["message"]) for each in json.loads(ran.out)["diagnostics"]]


def test_the_only_root_is_judged_by_its_plan(tmp_path: Path) -> None:
    estate = write(tmp_path, {**FILES, "plan.json": plan(backup_retention_period=7)})
    assert verdict(checked(estate)) == ("fail", "main.tf", 8)
    ran = checked(estate, "--plan", estate / "plan.json")
    assert verdict(ran) == ("pass", "main.tf", 5)
    assert diagnostics(ran) == [("plan-used", "root is judged by the plan plan.json, not by its HCL alone")]


def test_a_plan_may_lie_outside_of_the_repository(tmp_path: Path) -> None:
    estate = write(tmp_path / "repository", FILES)
    outside = tmp_path / "elsewhere.json"
    outside.write_text(plan(backup_retention_period=7))
    ran = checked(estate, "--plan", outside)
    assert verdict(ran) == ("pass", "main.tf", 5)
    assert diagnostics(ran) == [("plan-used", f"root is judged by the plan {outside.as_posix()}, not by its HCL alone")]


def test_a_plan_comes_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(plan(backup_retention_period=7).encode())))
    assert verdict(checked(write(tmp_path, FILES), "--plan", "-")) == ("pass", "main.tf", 5)


@pytest.mark.parametrize("root", ["envs/prod", "./envs/prod/"])
def test_one_of_several_roots_is_named(tmp_path: Path, root: str) -> None:
    estate = write(tmp_path, {"envs/prod/main.tf": DATABASE, "envs/dev/main.tf": DATABASE, "p.json": plan(backup_retention_period=7)})
    unnamed = checked(estate, "--plan", estate / "p.json")
    assert unnamed.code == 2
    assert diagnostics(unnamed)[0] == (
        "plan-root",
        "p.json: there are 2 Terraform roots; say which one it is of, as --plan ROOT=p.json (roots: envs/dev, envs/prod)",
    )
    ran = checked(estate, "--plan", f"{root}={estate / 'p.json'}")
    found = {
        each["subject"]["deployment"]: each["verdict"]
        for each in json.loads(ran.out)["findings"]
        if each["policy"] == "database-without-backup"
    }
    assert found == {"envs/dev": "fail", "envs/prod": "pass"}


def test_the_configuration_lists_plans(tmp_path: Path) -> None:
    configuration = "apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments:\n  - {path: infra, name: prod, plan: plans/prod.json}\n"
    files: dict[str, str | bytes] = {
        "infra/main.tf": DATABASE,
        "drpolicy.yaml": configuration,
        "plans/prod.json": plan(backup_retention_period=7),
    }
    estate = write(tmp_path, files)
    ran = checked(estate)
    assert verdict(ran) == ("pass", "infra/main.tf", 5)
    assert ("plan-used", "prod is judged by the plan plans/prod.json, not by its HCL alone") in diagnostics(ran)
    other = estate / "other.json"
    other.write_text(plan(backup_retention_period=0))
    assert verdict(checked(estate, "--plan", f"prod={other}")) == ("fail", "infra/main.tf", 8)


@pytest.mark.parametrize("listed", ["missing.json", "../outside.json"])
def test_a_listed_plan_that_cannot_be_read_is_2(tmp_path: Path, listed: str) -> None:
    configuration = f"apiVersion: drpolicy.dev/v1\nkind: Config\ndeployments:\n  - {{path: ., plan: {listed}}}\n"
    (tmp_path / "outside.json").write_text(plan())
    ran = checked(write(tmp_path / "repository", {**FILES, "drpolicy.yaml": configuration}))
    assert ran.code == 2
    assert [code for code, _ in diagnostics(ran)] in (["plan-invalid"], ["config-invalid"])


def test_a_waiver_in_the_hcl_holds_for_the_plan(tmp_path: Path) -> None:
    waiver = '# drpolicy: ignore[database-without-backup] until=2026-12-31 reason="rebuilt from the ledger"\nresource'
    estate = write(tmp_path, {"main.tf": DATABASE.replace("resource", waiver), "plan.json": plan()})
    ran = checked(estate, "--plan", estate / "plan.json")
    waived = [each["policy"] for each in json.loads(ran.out)["findings"] if each["waiver"] is not None]
    assert waived == ["database-without-backup"]


def test_what_is_no_plan_is_2_with_its_place(tmp_path: Path) -> None:
    estate = write(tmp_path, {**FILES, "plan.json": '{"format_version": "1.2",\n "resource_changes": [}'})
    ran = checked(estate, "--plan", estate / "plan.json")
    assert ran.code == 2
    (found,) = json.loads(ran.out)["diagnostics"]
    assert (found["code"], found["message"]) == ("plan-invalid", "plan.json: not valid JSON: expecting value")
    assert (found["location"]["path"], found["location"]["start"]) == ("plan.json", {"line": 2, "column": 23})
    # What could be read is still reported.
    assert verdict(ran) == ("fail", "main.tf", 8)


def test_a_plan_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ran = checked(write(tmp_path, FILES), "--plan", "prod=nowhere.json")
    assert (ran.code, ran.out, ran.err) == (2, "", "drpolicy: --plan prod=nowhere.json: nowhere.json does not exist\n")


def test_a_plan_in_the_place_of_a_path_is_explained(tmp_path: Path) -> None:
    file = write(tmp_path, {"plan.json": plan()}) / "plan.json"
    ran = checked(file)
    assert ran.code == 2
    assert ran.err.endswith(f"; if it is a plan or a state, give it as --plan {file} or --state {file}\n")


def test_a_large_plan_in_the_repository_is_no_file_that_is_too_large(tmp_path: Path) -> None:
    data = json.loads(plan(backup_retention_period=7))
    data["resource_drift"] = ["x" * 1000] * 9000
    estate = write(tmp_path, {**FILES, "plan.json": json.dumps(data)})
    ran = checked(estate, "--plan", estate / "plan.json")
    assert (verdict(ran), [code for code, _ in diagnostics(ran)]) == (("pass", "main.tf", 5), ["plan-used"])


def test_a_state_is_judged_likewise(tmp_path: Path) -> None:
    instance = {"attributes": {"identifier": "orders", "backup_retention_period": 7, "password": "hunter2", "replicate_source_db": ""}}
    resource = {"mode": "managed", "type": "aws_db_instance", "name": "orders", "provider": "", "instances": [instance]}
    state = json.dumps({"version": 4, "terraform_version": "1.11.4", "lineage": "x", "serial": 1, "resources": [resource]})
    estate = write(tmp_path, {**FILES, "terraform.tfstate": state})
    ran = checked(estate, "--state", estate / "terraform.tfstate")
    assert verdict(ran) == ("pass", "main.tf", 5)
    assert diagnostics(ran) == [("plan-used", "root is judged by the state terraform.tfstate of Terraform 1.11.4, not by its HCL alone")]
    assert "hunter2" not in ran.out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "html", "markdown"])
def test_no_secret_of_a_plan_is_in_any_report(tmp_path: Path, form: str) -> None:
    """Without HCL every finding stands in the plan itself, which holds secrets in clear beside what is shown."""
    file = tmp_path / "plan.json"
    data = json.loads(plan(password="hunter2"))
    data["resource_changes"][0]["change"]["after_sensitive"] = {"password": True}
    file.write_text(json.dumps(data))
    estate = write(tmp_path / "repository", {"README.md": ""})
    ran = here("check", estate, *AS_OF, "--format", form, "--full", "--plan", file)
    assert ran.code in (0, 1)
    assert "aws_db_instance.orders" in ran.out
    assert "hunter2" not in ran.out


def test_a_region_is_lost_by_the_plan(tmp_path: Path) -> None:
    estate = write(tmp_path, {**FILES, "plan.json": plan()})
    ran = here("lose", "ap-northeast-2", estate, *AS_OF, "--plan", estate / "plan.json")
    assert (ran.code, ran.err) == (0, "")
    assert "aws_db_instance.orders" in ran.out


def test_the_example_gives_the_same_report_by_its_plan() -> None:
    written, planned = (checked(BEFORE, *options) for options in ((), ("--plan", EXAMPLE)))
    assert planned.code == written.code == 1
    ours, theirs = (json.loads(each.out)["findings"] for each in (written, planned))
    assert [(each["fingerprint"], each["verdict"], each["location"]) for each in theirs] == [
        (each["fingerprint"], each["verdict"], each["location"]) for each in ours
    ]
