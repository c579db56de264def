"""Checks of other tools beside our policies: who comes with their id finds what asks the same here, or why nothing does.

``docs/parity.md`` is made from the policies' ``peers:`` and from ``catalog/parity``; run ``python -m drpolicy.app.parity`` after
changing either. A test holds it current.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from drpolicy.app.bundle import rows
from drpolicy.catalog.load import BUNDLE as CATALOG_BUNDLE
from drpolicy.model.records import dataclass
from drpolicy.policy.builtin import built_in_policies
from drpolicy.policy.documents import PolicyDocument

PEERS: Final = {
    "checkov": "Checkov",
    "trivy": "Trivy (tfsec)",
    "prowler": "Prowler",
    "aws-config": "AWS Config",
    "security-hub": "AWS Security Hub (FSBP)",
    "backup-audit-manager": "AWS Backup Audit Manager",
    "steampipe": "Steampipe and Powerpipe",
    "kics": "KICS",
    "terrascan": "Terrascan",
    "regula": "Regula",
    "cfn-nag": "cfn_nag",
    "cdk-nag": "cdk-nag",
    "guard": "CloudFormation Guard rules registry",
    "cloud-custodian": "Cloud Custodian",
}
"""Names of the tools as their publishers write them, in the order of the page."""


@dataclass(frozen=True, slots=True)
class NotCovered:
    """Checks that no policy stands beside on purpose."""

    area: str
    reason: str
    checks: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of another tool: the policies that reach at least as far, or why there is none."""

    peer: str
    id: str
    policies: tuple[str, ...] = ()
    reason: str = ""


def not_covered() -> tuple[NotCovered, ...]:
    """Return what is left out on purpose. Raises ValueError naming the file that cannot be read."""
    found = rows(CATALOG_BUNDLE.parent / "parity")
    return tuple(
        NotCovered(each["area"], each["reason"].strip(), {peer: tuple(map(str, ids)) for peer, ids in each["checks"].items()})
        for each in found
    )


def checks(policies: Iterable[PolicyDocument], left_out: Iterable[NotCovered]) -> tuple[Check, ...]:
    """Return every check that either names, by tool and id."""
    covered: dict[tuple[str, str], list[str]] = {}
    for policy in policies:
        for peer, ids in policy.peers.items():
            for id_ in ids:
                covered.setdefault((peer, id_), []).append(policy.id)
    found = [Check(peer, id_, tuple(sorted(names))) for (peer, id_), names in covered.items()]
    found.extend(Check(peer, id_, (), each.reason) for each in left_out for peer, ids in each.checks.items() for id_ in ids)
    order = list(PEERS)
    return tuple(sorted(found, key=lambda each: (order.index(each.peer), each.id.lower(), each.policies)))


def beside(text: str) -> str | None:
    """Return what is said of another tool's check, whatever the case of its id; ``None`` when no tool has one of that name."""
    documents = {each.id: each for each in built_in_policies()}
    named = [each for each in checks(documents.values(), not_covered()) if each.id.lower() == text.lower()]
    return "\n".join(line for each in named for line in _said(each, documents)) if named else None


def _said(check: Check, documents: Mapping[str, PolicyDocument]) -> Iterator[str]:
    yield f"{PEERS[check.peer]} {check.id}"
    if check.reason:
        yield f"  no policy: {check.reason}"
    width = max(map(len, check.policies), default=0)
    yield from (f"  {policy:<{width}}  {documents[policy].title}" for policy in check.policies)
    if check.policies:
        yield f"  more: drpolicy explain {check.policies[0]}"


def page() -> str:
    """Return ``docs/parity.md``."""
    return "\n".join(_lines(checks(built_in_policies(), not_covered()))) + "\n"


def _lines(found: tuple[Check, ...]) -> Iterator[str]:
    covered = sum(bool(each.policies) for each in found)
    yield "# Coming from another tool"
    yield ""
    yield "Generated from the policies by `python -m drpolicy.app.parity`. `drpolicy explain CKV_AWS_133` finds a policy by such an id."
    yield ""
    yield (
        f"{len(found)} checks of {len({each.peer for each in found})} tools touch recovery: {covered} have a policy that reaches at least "
        f"as far, {len(found) - covered} have none on purpose, with the reason. A policy here is about a defect, whatever the type of the "
        "resource, so that many checks come to few policies; it also reads what those do not, such as selections by tag, the region at "
        "both ends of a copy, and defaults. What others ask of every cache, index and bucket is asked here where something rests on it."
    )
    yield ""
    yield (
        "Trusted Advisor and Resilience Hub have no ids to come with; what they say of zones, backups and failover is asked by the same "
        "policies."
    )
    for peer in dict.fromkeys(each.peer for each in found):
        yield from ("", f"## {PEERS[peer]}", "", "| Their check | Here |", "|---|---|")
        for each in found:
            if each.peer == peer:
                yield f"| `{each.id}` | {', '.join(f'`{policy}`' for policy in each.policies) or f'none: {each.reason}'} |"


def write(path: Path) -> None:
    """Write the page."""
    path.write_text(page(), "utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[2] / "docs" / "parity.md")
