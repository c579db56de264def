"""drpolicy waivers, over waivers in every state."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import AS_OF, DATABASE, here, write

REGISTER = """\
apiVersion: drpolicy.dev/v1
kind: Config
waivers:
  - {policy: store-unguarded, subject: "aws_db_instance.*", reason: later, until: 2026-11-10, owner: team-shop, approver: cto, ticket: O1}
  - {policy: no-final-snapshot, subject: aws_db_instance.orders, reason: scratch, until: 2027-01-31, owner: team-shop}
"""


def inline(*comments: str) -> str:
    return "".join(f"# drpolicy: {each}\n" for each in comments) + DATABASE.partition("\n\n")[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    provider = DATABASE.partition("\n\n")[0] + "\n\n"
    text = provider + inline('ignore[database-without-backup] until=2027-03-31 reason="rebuilt nightly" owner=team-shop')
    return write(tmp_path, {"main.tf": text, "drpolicy.yaml": REGISTER})


def test_list_shows_every_waiver_with_its_state(repository: Path) -> None:
    assert here("waivers", "list", repository, *AS_OF) == (
        0,
        "until       state     policy                   subject                 owner      approver  where\n"
        "2026-11-10  expiring  store-unguarded          aws_db_instance.*       team-shop  cto       drpolicy.yaml:4:14\n"
        "            later\n"
        "2027-01-31  unused    no-final-snapshot        aws_db_instance.orders  team-shop  -         drpolicy.yaml:5:14\n"
        "            scratch\n"
        "2027-03-31  holds     database-without-backup  its block               team-shop  -         main.tf:5:20\n"
        "            rebuilt nightly\n"
        "3 waivers\n",
        "",
    )


def test_check_says_what_to_repair(repository: Path) -> None:
    assert here("waivers", "check", repository, *AS_OF) == (
        1,
        "warning: drpolicy.yaml:5:14: nothing here needs the waiver of no-final-snapshot; remove it\n"
        "note: drpolicy.yaml:4:14: the waiver of store-unguarded ends on 2026-11-10\n"
        "1 waiver to repair\n",
        "",
    )


def test_check_passes_what_only_ends_soon(repository: Path) -> None:
    (repository / "drpolicy.yaml").write_text(REGISTER.rpartition("  - ")[0])
    ran = here("waivers", "check", repository, *AS_OF)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "every waiver is in use and in force")


def test_check_of_a_malformed_one(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": inline("ignore[database-without-backup] until=soon reason=x")})
    ran = here("waivers", "check", tmp_path, *AS_OF)
    assert ran.code == 1
    assert ran.out.startswith("error: main.tf:1:")


def test_without_a_waiver(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE})
    assert here("waivers", "list", tmp_path, *AS_OF) == (0, "0 waivers\n", "")
    assert here("waivers", "check", tmp_path, *AS_OF) == (0, "every waiver is in use and in force\n", "")


BROKEN = """\
apiVersion: drpolicy.dev/v1
kind: Config
waivers:
  - {policy: database-without-backup, subject: "aws_db_instance.*", reason: later, until: 2027-03-31}
"""
MISSING = "'owner' is missing in 'waivers'; for a finding that is high or critical, 'approver' and 'ticket' as well"


def test_an_entry_of_the_register_that_is_invalid(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE, "drpolicy.yaml": BROKEN})
    said = f"error: drpolicy.yaml:4:6: {MISSING}\n"
    assert here("waivers", "check", tmp_path, *AS_OF) == (1, f"{said}1 waiver to repair\n", "")
    assert here("waivers", "list", tmp_path, *AS_OF) == (0, f"0 waivers\n{said}", "")
    ran = here("check", tmp_path, *AS_OF, "--full")
    assert ran.code == 2
    assert f"error: drpolicy.yaml:4:6: {MISSING}" in " ".join(ran.out.split())


def test_an_entry_of_a_register_of_its_own_that_is_invalid(tmp_path: Path) -> None:
    config = "apiVersion: drpolicy.dev/v1\nkind: Config\nwaivers: [waivers.yaml]\n"
    register = BROKEN.replace("kind: Config", "kind: WaiverRegister").replace(", until: 2027-03-31", ", approver: cto")
    write(tmp_path, {"main.tf": DATABASE, "drpolicy.yaml": config, "waivers.yaml": register})
    said = (
        "error: waivers.yaml:4:6: 'owner' and 'until' are missing in 'waivers'; for a finding that is high or critical, 'ticket' as well\n"
    )
    assert here("waivers", "check", tmp_path, *AS_OF) == (1, f"{said}1 waiver to repair\n", "")


def test_a_configuration_that_cannot_be_read_holds_waivers_that_nobody_knows(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DATABASE, "drpolicy.yaml": "kind: [\n"})
    ran = here("waivers", "check", tmp_path, *AS_OF)
    assert ran.code == 1
    assert ran.out.startswith("error: drpolicy.yaml:")


def test_what_an_entry_lacks_for_a_severe_finding(tmp_path: Path) -> None:
    service = (
        "apiVersion: drpolicy.dev/v1\nkind: Service\nmetadata: {name: shop}\n"
        "spec:\n  owner: t\n  tier: critical\n  stores:\n    - {ref: aws_db_instance.orders}\n"
    )
    entry = BROKEN.replace(", until", ", owner: team-shop, ticket: O1, until")
    write(tmp_path, {"main.tf": DATABASE, "shop.yaml": service, "drpolicy.yaml": entry})
    said = "only a register entry with owner, approver and ticket waives it; this one has no approver\n"
    assert said in here("waivers", "check", tmp_path, *AS_OF).out
