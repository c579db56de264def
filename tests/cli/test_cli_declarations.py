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
