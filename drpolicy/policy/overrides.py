"""What ``drpolicy.yaml`` changes of policies for some subjects only: those of a path, a deployment or a service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from drpolicy.kubernetes.clusters import matches
from drpolicy.model.estate import SUBJECTS, Estate
from drpolicy.model.findings import Severity, SubjectReference
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Span
from drpolicy.model.stores import Claim
from drpolicy.model.truth import Truth
from drpolicy.model.values import Members, Object


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """One entry of ``policies.overrides``. Every kind of selector that is given must select the subject."""

    span: Span
    paths: tuple[str, ...] = ()
    """Globs, relative to the repository: of the subject's file, or of the Terraform root that makes it."""
    deployments: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    disabled: Mapping[str, Span] = field(default_factory=dict)
    """Where each policy that is switched off is written, by its id."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Object] = field(default_factory=dict)
    """All parameters of a policy, these laid over the others, by its id."""

    def concerns(self, policy: str) -> bool:
        """Whether it changes anything of a policy."""
        return policy in self.disabled or policy in self.severities or policy in self.params

    def selects(self, subject: Any, roots: Mapping[str, str]) -> bool:
        """Whether a subject is one of those that it is for.

        By services only if every service that may have a stake in the subject is named, and one of them certainly has: what is
        decided for one service changes nothing for the other.
        """
        deployment = getattr(subject, "deployment", "")
        return (
            (not self.paths or any(matches(glob, path) for glob in self.paths for path in _paths(subject, roots.get(deployment))))
            and (not self.deployments or any(fnmatchcase(_deployment(subject), glob) for glob in self.deployments))
            and (not self.services or self._serves(getattr(subject, "required_by", Members())))
        )

    def _serves(self, claims: Members[Claim]) -> bool:
        return (
            claims.rest is None
            and any(each.presence is Truth.TRUE for each in claims.elements)
            and all(any(fnmatchcase(each.value.service, glob) for glob in self.services) for each in claims.elements)
        )


def _paths(subject: Any, root: str | None) -> tuple[str, ...]:
    own: str = subject.span.path
    return (own,) if root is None else (own, f"{root}/main.tf".lstrip("/"))


def _deployment(subject: Any) -> str:
    deployment: str = getattr(subject, "deployment", "")
    return deployment or subject.name


def chosen(overrides: Iterable[Override], policy: str, subject: Any, roots: Mapping[str, str]) -> tuple[Override, ...]:
    """Return the overrides of a policy that are for a subject, in the order they are written: a later one wins."""
    return tuple(each for each in overrides if each.concerns(policy) and each.selects(subject, roots))


def selects_nothing(override: Override, estate: Estate, roots: Mapping[str, str]) -> bool:
    """Whether no subject of the estate is one of those that an override is for."""
    return not any(override.selects(subject, roots) for _, members in SUBJECTS.values() for subject in getattr(estate, members))


def switched_off(overrides: Iterable[Override], reference: SubjectReference, policy: str) -> str | None:
    """Return the sentence for a policy that is switched off for a subject; ``None`` when it is not."""
    span = next((each.disabled[policy] for each in overrides if policy in each.disabled), None)
    return None if span is None else f"switched off for {reference.name} at {span}"
