"""A policy as data: what one YAML document says, before anything is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from drpolicy.model.findings import Severity
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span


@dataclass(frozen=True, slots=True)
class SeverityCase:
    """A severity that applies when its condition holds or cannot be known; no condition always holds."""

    severity: Severity
    when: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """Input files and the verdict that the policy must give."""

    name: str
    expect: Literal["pass", "fail", "unknown", "not_applicable"]
    files: Mapping[str, str]
    subject: str = ""
    """Address of the subject it speaks of; empty when the verdict is that of all subjects."""
    as_of: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)
    """Day on which a file was last changed, by its path, as an audit learns it from git."""
    shallow: bool = False
    """Whether git has only the newest commits."""


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One policy. ``spans`` gives the place of each part (``spec.assert``) for a user's policy, nothing for a built-in one."""

    id: str
    title: str
    anti_pattern: str
    subject: str
    assertion: str
    message: str
    severity: tuple[SeverityCase, ...]
    why: str
    remediation: str
    remedies: Mapping[str, str] = field(default_factory=dict)
    """The patch for one type of subject, where it differs."""
    when: str = "true"
    locate: tuple[str, ...] = ()
    observed_only: bool = False
    """Whether it is about what live AWS answered and says nothing of the files alone."""
    calendar: bool = False
    """Whether the verdict depends on the date: it then never fails the hook and pr gates."""
    params: Mapping[str, Any] = field(default_factory=dict)
    guide: tuple[str, ...] = ()
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str = "0.1"
    aliases: tuple[str, ...] = ()
    """Ids that it had, the oldest first: waivers, baselines and settings under them still hold."""
    examples: tuple[Example, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict)

    @property
    def first_id(self) -> str:
        """The id that it had first: what its findings are known by, so that a new name makes no finding new."""
        return self.aliases[0] if self.aliases else self.id


def document_from(data: Mapping[str, Any], spans: Mapping[str, Span] | None = None) -> PolicyDocument:
    """Build a policy from validated plain data in the form of the YAML document."""
    metadata, spec = data["metadata"], data["spec"]
    return PolicyDocument(
        id=metadata["id"],
        title=metadata["title"],
        anti_pattern=metadata["antiPattern"],
        subject=spec["subject"],
        assertion=str(spec["assert"]),
        message=spec["message"],
        severity=tuple(SeverityCase(case["is"], str(case.get("when", ""))) for case in spec["severity"]),
        why=data["why"].strip(),
        remediation=data["remediation"].strip(),
        remedies={type_: text.strip() for type_, text in data.get("remedies", {}).items()},
        when=str(spec.get("when", "true")),
        locate=tuple(spec.get("locate", ())),
        observed_only=spec.get("witness") == "observed",
        calendar=bool(spec.get("calendar", False)),
        params=dict(spec.get("params", {})),
        guide=tuple(metadata.get("guide", ())),
        peers={name: tuple(ids) for name, ids in metadata.get("peers", {}).items()},
        controls={name: tuple(ids) for name, ids in data.get("controls", {}).items()},
        aliases=tuple(metadata.get("aliases", ())),
        since=str(metadata.get("since", "0.1")),
        examples=tuple(
            Example(
                each["name"],
                each["expect"].replace("-", "_"),
                dict(each["files"]),
                each.get("subject", ""),
                str(each.get("asOf", "")),
                dict(each.get("changed", {})),
                bool(each.get("shallow", False)),
            )
            for each in data.get("examples", ())
        ),
        spans=spans or {},
    )


def remedy_for(document: PolicyDocument, type_: str) -> str:
    """Return the remedy for a type of subject: its own patch, else the policy's. The version of a Kubernetes API changes none."""
    own = document.remedies.get(type_)
    if own is None and type_.count("/") == 2:
        group, _, kind = type_.split("/")
        own = next((text for name, text in document.remedies.items() if name.startswith(f"{group}/") and name.endswith(f"/{kind}")), None)
    return own if own is not None else document.remediation
