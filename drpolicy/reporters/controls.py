"""Outside requirements, and what the findings are worth as evidence for them.

Nothing here says that a requirement is met: a control asks for more than configuration can show.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from drpolicy.catalog.frameworks import built_in_frameworks
from drpolicy.model.findings import Verdict
from drpolicy.model.records import dataclass
from drpolicy.model.report import Report
from drpolicy.reporters.languages import ENGLISH, Translate
from drpolicy.reporters.sentences import number

Strength = Literal["none", "contradicting", "partial", "supporting"]

FRAMEWORKS: Final = {
    "nist-800-34": "NIST SP 800-34",
    "iso-22301": "ISO 22301",
    **{each.id: each.title for each in built_in_frameworks().values()},
}
"""Names of frameworks as their publishers write them; any other is shown as the policy has it."""


@dataclass(frozen=True, slots=True)
class ControlEvidence:
    """What the policies mapped to one control give as evidence for it."""

    framework: str
    control: str
    strength: Strength
    passed: int
    failed: int
    unknown: int
    waived: int
    confirmed: bool
    """Whether at least one of the passes was observed in the running system rather than read in code."""
    not_covered: tuple[str, ...]
    """The policies that had a subject and do not show it, each with its findings."""
    without_subject: int = 0
    """How many more policies are mapped to it that nothing here is a subject of."""
    beyond: str = ""
    """What the control asks for that no file and no account shows, in words."""


def controls(report: Report, translate: Translate = ENGLISH) -> tuple[ControlEvidence, ...]:
    """Return the evidence per control, by framework and control."""
    mapped: dict[tuple[str, str], list[str]] = {}
    for policy, facts in sorted(report.policies.items()):
        for framework, ids in facts.controls.items():
            for control in ids:
                mapped.setdefault((framework, control), []).append(policy)
    verdicts: dict[str, Counter[str]] = {}
    for finding in report.findings:
        tally = verdicts.setdefault(finding.policy, Counter())
        tally["waived" if finding.waiver is not None else finding.verdict.value] += 1
        tally["confirmed"] += finding.verdict is Verdict.PASS and finding.witness == "observed"
    return tuple(_evidence(*key, mapped[key], verdicts, translate) for key in sorted(mapped))


def _evidence(
    framework: str, control: str, policies: list[str], verdicts: dict[str, Counter[str]], translate: Translate
) -> ControlEvidence:
    total: Counter[str] = Counter()
    not_covered = []
    idle = 0
    for policy in policies:
        tally = verdicts.get(policy, Counter())
        total.update(tally)
        counted = (("fail", "failed"), ("unknown", "unknown"), ("waived", "waived"))
        gaps = [number(tally[key], word, word, translate) for key, word in counted if tally[key]]
        idle += not gaps and not tally["pass"]
        if gaps:
            not_covered.append(f"{policy} ({', '.join(gaps)})")
    return ControlEvidence(
        framework=FRAMEWORKS.get(framework, framework),
        control=control,
        strength=_strength(total),
        passed=total["pass"],
        failed=total["fail"],
        unknown=total["unknown"],
        waived=total["waived"],
        confirmed=total["confirmed"] > 0,
        not_covered=tuple(not_covered),
        without_subject=idle,
        beyond=_beyond(framework, control),
    )


def _beyond(framework: str, control: str) -> str:
    known = built_in_frameworks().get(framework)
    return next((each.not_covered for each in known.controls if each.id == control), "") if known is not None else ""


def _strength(total: Counter[str]) -> Strength:
    against = total["fail"] + total["waived"]
    if not total["pass"]:
        return "contradicting" if against else "none"
    return "partial" if against or total["unknown"] else "supporting"


def claim(evidence: ControlEvidence, translate: Translate = ENGLISH) -> str:
    """Return ``evidence for ISMS-P 2.9.3: partial; declared in code; deployment not confirmed``."""
    said = translate("evidence for {control}: {strength}")
    claimed = said.format(control=f"{evidence.framework} {evidence.control}", strength=translate(evidence.strength))
    if not evidence.passed:
        return claimed
    confirmed = translate("confirmed in part by observation")
    return f"{claimed}; {confirmed if evidence.confirmed else translate('declared in code; deployment not confirmed')}"


def idle(evidence: ControlEvidence, translate: Translate = ENGLISH) -> str:
    """Return ``12 policies without a subject``."""
    policies = number(evidence.without_subject, "policy", "policies", translate)
    return translate("{policies} without a subject").format(policies=policies)


def frameworks(report: Report) -> tuple[str, ...]:
    """Return the names of the frameworks that a report gives evidence for: under a profile that one alone."""
    return tuple(dict.fromkeys(FRAMEWORKS.get(name, name) for facts in report.policies.values() for name in facts.controls))


def sentence(evidence: ControlEvidence, translate: Translate = ENGLISH) -> str:
    """Return the claim, ``not covered: …`` and ``no file shows: …``, in the words that every format uses."""
    said = claim(evidence, translate)
    gaps = (*evidence.not_covered, *([idle(evidence, translate)] if evidence.without_subject else []))
    if gaps:
        said += f"; {translate('not covered')}: {', '.join(gaps)}"
    return f"{said}; {translate('no file shows')}: {translate(evidence.beyond)}" if evidence.beyond else said
