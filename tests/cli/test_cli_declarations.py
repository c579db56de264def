"""drpolicy declarations: single files, as a hook gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Ran, here, write

SERVICE = (
    "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  owner: t\n  tier: critical\n  stores: [{ref: a.b}]\n"
)
CONFIG = "apiVersion: drpolicy.dev/v1\nkind: Config\nbaseline: ci/accepted.json\nwaiverLimits: {high: 90d}\n"
REGISTER = (
    "apiVersion: drpolicy.dev/v1\nkind: WaiverRegister\nwaivers:\n"
    "  - {policy: own-rule, subject: a.b, reason: r, until: 2027-03-31, owner: t}\n"
)
FOREIGN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(root: Path, files: dict[str, str | bytes]) -> Ran:
    write(root, files)
    return here("declarations", *files)


def test_sound_documents(root: Path) -> None:
    files: dict[str, str | bytes] = {"s.yaml": SERVICE, "drpolicy.yaml": CONFIG, "w.yaml": REGISTER, "k8s.yaml": FOREIGN}
    assert checked(root, files) == (0, "3 documents: nothing to repair\n", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SERVICE.replace("tier:", "teir:"), "error: a.yaml:6:3: "),
        (CONFIG.replace("90d", "90"), "error: a.yaml:4:"),
        (REGISTER.replace("2027-03-31", "2027-02-30"), "error: a.yaml:4:"),
        (SERVICE.replace("kind: Service", "kind: Servce"), "error: a.yaml:2:7: unknown kind 'Servce'; did you mean 'Service'?"),
        (SERVICE + "  : : x\n\t- y", "error: a.yaml:"),
    ],
)
def test_a_mistake_is_named_at_its_place(root: Path, text: str, said: str) -> None:
    ran = checked(root, {"a.yaml": text})
    assert (ran.code, ran.err) == (2, "")
    assert ran.out.startswith(said)
    assert ran.out.endswith(" to repair\n")


def test_a_file_that_cannot_be_read(root: Path) -> None:
    ran = checked(root, {"a.yaml": b"\xff\x00drpolicy.dev/"})
    assert ran.code == 2
    assert ran.out.startswith("error: a.yaml:1:")


def test_files_that_are_not_there_or_not_ours(root: Path, tmp_path: Path) -> None:
    write(root, {"a.yaml": SERVICE})
    assert here("declarations", "b.yaml") == (2, "", "drpolicy: b.yaml is not a file\n")
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text(SERVICE)
    assert here("declarations", outside) == (2, "", f"drpolicy: {outside} is outside the repository\n")


POLICY = '{"policyName": "web", "tier": "Critical", "policy": {"Region": {"rtoInSecs": 3600, "rpoInSecs": 900}}}'
SERVICE = """\
apiVersion: drpolicy.dev/v1
kind: Service
metadata: {name: orders}
spec:
  owner: team-orders
  objectives: {all: {rto: 1h, rpo: 15m}}
  stores: []
"""


def test_a_policy_of_resilience_hub_becomes_tiers_in_a_new_file(tmp_path: Path):
    (tmp_path / "hub.json").write_text(POLICY)
    target = tmp_path / "tiers.yaml"
    ran = here("declare", "--from-resilience-hub", tmp_path / "hub.json", "--output", target)
    assert (ran.code, ran.out, ran.err) == (0, "", f"{target} was written; fill in what stands in comments\n")
    assert "  critical:\n    objectives:\n      region: {rto: 1h, rpo: 15m}\n" in target.read_text()
    again = here("declare", "--from-resilience-hub", tmp_path / "hub.json", "--output", target)
    assert (again.code, again.err) == (2, f"drpolicy: {target} is there already, and is never overwritten\n")


def test_a_file_that_cannot_be_taken_over_says_where(tmp_path: Path):
    (tmp_path / "hub.json").write_text('{"policyName": "web",\n  "tier": "Gold"}')
    ran = here("declare", "--from-resilience-hub", tmp_path / "hub.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("drpolicy: hub.json:2:11: tier is 'Gold', and not one of MissionCritical")


def test_a_plan_of_region_switch_becomes_a_service(tmp_path: Path):
    (tmp_path / "plan.json").write_text(
        '{"plan": {"name": "p", "regions": ["eu-west-1", "eu-central-1"], "recoveryApproach": "activeActive"}}'
    )
    ran = here("declare", "--from-region-switch", tmp_path / "plan.json", "--service", "orders")
    assert ran.code == 0
    assert "metadata: {name: orders}\n" in ran.out
    assert "  strategy: active-active" in ran.out
    assert "  regions: {primary: eu-west-1, dr: [eu-central-1]}\n" in ran.out


def test_objectives_are_written_for_resilience_hub_and_what_is_lost_is_said(tmp_path: Path):
    (tmp_path / "orders.yaml").write_text(SERVICE)
    ran = here("declare", "--service", "orders", "--as", "resiliencehubv2", tmp_path)
    assert ran.code == 0
    assert '"multiRegion": {\n    "rtoInMinutes": 60,\n    "rpoInMinutes": 15\n  }' in ran.out
    assert ran.err == "".join(
        f"not in the policy as declared: the objective for {each}: a policy has none for it\n"
        for each in ("corruption", "hardware", "account")
    )


def test_one_service_is_written_at_a_time(tmp_path: Path):
    (tmp_path / "orders.yaml").write_text(SERVICE)
    ran = here("declare", "--as", "resiliencehub", tmp_path)
    assert (ran.code, ran.err) == (2, "drpolicy: --as writes one declared service: give --service; declared: orders\n")
    both = here("declare", "--as", "resiliencehub", "--from-csv", tmp_path / "a.csv")
    assert both.err == "drpolicy: declare takes over from one file, or writes in one form: give one of --from-… and --as\n"


def test_a_file_as_windows_powershell_writes_it_is_taken_over(tmp_path: Path):
    (tmp_path / "hub.json").write_bytes(POLICY.encode("utf-16"))
    assert here("declare", "--from-resilience-hub", tmp_path / "hub.json").code == 0
    (tmp_path / "hub.json").write_bytes(b"\xff\xfb")
    ran = here("declare", "--from-resilience-hub", tmp_path / "hub.json")
    assert (ran.code, ran.err) == (2, "drpolicy: hub.json was not read: it is not UTF-8: byte 0xff at offset 0, in line 1\n")
    gone = here("declare", "--from-csv", tmp_path / "gone.csv")
    assert gone.err == f"drpolicy: {tmp_path / 'gone.csv'}: No such file or directory\n"


REPOSITORY: dict[str, str | bytes] = {
    "infra/tokyo/main.tf": 'provider "aws" {\n  region = "ap-northeast-1"\n}\n',
    "infra/tokyo/prod.tfvars": "size = 1\n",
    "modules/table/main.tf": 'resource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n',
    "infra/seoul/main.tf": 'module "table" {\n  source = "../../modules/table"\n}\n',
    "clusters/tokyo/app.yaml": FOREIGN,
    "docs/readme.md": "# Read\n",
}
PATHS = """\
apiVersion: drpolicy.dev/v1
kind: Config
deployments:
  - {path: infra/tokyo, varFiles: [infra/tokyo/prod.tfvars]}
  - {path: infra/seoul}
clusters:
  - {name: tokyo, region: ap-northeast-1, role: dr, paths: ["clusters/tokyo/**", "stdin/**"]}
scope: {exclude: ["docs/**"]}
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        (
            "{path: infra/tokyo,",
            "{path: infra/tokio,",
            2,
            "error: drpolicy.yaml:4:12: the deployment 'infra/tokio' is not there; did you mean 'infra/tokyo'?",
        ),
        ("{path: infra/seoul}", "{path: docs}", 2, "error: drpolicy.yaml:5:12: the deployment 'docs' holds no Terraform files"),
        (
            "prod.tfvars]",
            "prd.tfvars]",
            2,
            "error: drpolicy.yaml:4:36: the var-file 'infra/tokyo/prd.tfvars' is not there; did you mean 'infra/tokyo/prod.tfvars'?",
        ),
        ("infra/seoul}", "infra/seoul, plan: p.json}", 2, "error: drpolicy.yaml:5:31: the plan 'p.json' is not there"),
        (
            "clusters/tokyo/**",
            "clusters/tokio/**",
            2,
            "error: drpolicy.yaml:7:61: cluster tokyo: the path 'clusters/tokio/**' matches no manifest; did you mean 'clusters/tokyo/**'?",
        ),
        ("clusters/tokyo/**", "docs/**", 0, "warning: drpolicy.yaml:7:61: cluster tokyo: the path 'docs/**' matches no manifest"),
        (
            '"docs/**"',
            '"doc/**"',
            0,
            "warning: drpolicy.yaml:8:19: the pattern 'doc/**' leaves nothing out; did you mean 'docs/**'?",
        ),
        (
            PATHS,
            "",
            2,
            "error: drpolicy.yaml:1:1: the configuration holds nothing, so none of its settings count: "
            "write 'kind: Config' and what it is to say, or delete it",
        ),
        (
            PATHS,
            "# later\n",
            2,
            "error: drpolicy.yaml:1:1: the configuration holds nothing, so none of its settings count: "
            "write 'kind: Config' and what it is to say, or delete it",
        ),
    ],
)
def test_a_path_of_the_configuration_that_matches_nothing(root: Path, old: str, new: str, code: int, said: str) -> None:
    assert PATHS.count(old) == 1
    write(root, {**REPOSITORY, "drpolicy.yaml": PATHS.replace(old, new)})
    ran = here("declarations", "drpolicy.yaml")
    assert ran.code == code
    assert ran.out.splitlines()[:-1] == [said]
    checked_too = here("check", "--as-of", "2026-11-01", "--full", "--no-cache", "--format", "json")
    assert checked_too.code == code
    (diagnostic,) = [each for each in json.loads(checked_too.out)["diagnostics"] if each["code"] in ("config-invalid", "plan-invalid")]
    assert diagnostic["location"]["path"] == "drpolicy.yaml"
    start = diagnostic["location"]["start"]
    assert f"{diagnostic['level']}: drpolicy.yaml:{start['line']}:{start['column']}: {diagnostic['message']}" == said


def test_a_configuration_in_utf_16_that_holds_nothing(root: Path) -> None:
    write(root, {"drpolicy.yaml": b"\xff\xfe"})
    assert here("declarations", "drpolicy.yaml").out.startswith("error: drpolicy.yaml:1:1: the configuration holds nothing")
    assert here("check", "--no-cache").code == 2


def test_paths_that_are_there_are_looked_for_in_the_whole_repository(root: Path) -> None:
    write(root, {**REPOSITORY, "drpolicy.yaml": PATHS})
    for path in (".", "infra/seoul", "clusters"):
        assert json.loads(here("check", path, "--no-cache", "--format", "json").out)["diagnostics"] == []


def test_a_deployment_that_another_module_calls_is_none(root: Path) -> None:
    write(root, {**REPOSITORY, "drpolicy.yaml": PATHS.replace("{path: infra/seoul}", "{path: modules/table}")})
    ran = here("check", "--no-cache", "--as-of", "2026-11-01")
    assert ran.code == 2
    assert "error: drpolicy.yaml:5:12: 'modules/table' is no Terraform root: another module calls it\n" in ran.out
