"""drpolicy declarations: single files, as a hook gives them."""

from __future__ import annotations

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
    assert (ran.code, ran.out, ran.err) == (0, "", f"{target} was written; fill in what stands in ${{…}}\n")
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
