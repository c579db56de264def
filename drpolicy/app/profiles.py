"""Profiles: the policies that give evidence for an outside framework, by its controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from drpolicy.catalog.frameworks import Control, Framework, built_in_frameworks
from drpolicy.model.records import replace
from drpolicy.policy.documents import PolicyDocument


class NoSuchProfile(Exception):
    """No profile of that name; the message names the nearest."""


def profile(name: str, documents: Iterable[PolicyDocument]) -> Framework:
    """Return a framework with the policies of each control: those that it names, and those that name it. Raises NoSuchProfile."""
    framework = built_in_frameworks().get(name)
    if framework is None:
        near = get_close_matches(name, built_in_frameworks(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(sorted(built_in_frameworks()))}"
        raise NoSuchProfile(f"no profile is called {name!r}{hint}")
    named: dict[str, list[str]] = {}
    for document in documents:
        for control in (*document.controls.get(name, ()), *(document.peers.get(framework.peer, ()) if framework.peer else ())):
            named.setdefault(control, []).append(document.id)
    known = {each.id: each for each in framework.controls}
    controls = [replace(each, policies=tuple(dict.fromkeys((*each.policies, *named.get(each.id, ()))))) for each in known.values()]
    controls.extend(Control(id_, "", tuple(policies)) for id_, policies in sorted(named.items()) if id_ not in known)
    return replace(framework, controls=tuple(controls))


def policies_of(framework: Framework) -> frozenset[str]:
    """Return every policy that gives evidence for some control."""
    return frozenset(policy for control in framework.controls for policy in control.policies)


def controls_of(document: PolicyDocument, framework: Framework | None = None) -> dict[str, tuple[str, ...]]:
    """Return the controls that a policy gives evidence for, by framework: those it names, and those that name it.

    Of a run's profile that framework alone, and also when a tool's checks are its controls.
    """
    if framework is not None:
        return {framework.id: tuple(each.id for each in framework.controls if document.id in each.policies)}
    mapped = _mapped().get(document.id, {})
    return {
        name: tuple(dict.fromkeys((*document.controls.get(name, ()), *mapped.get(name, ()))))
        for name in sorted({*document.controls, *mapped})
    }


@cache
def _mapped() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for framework in built_in_frameworks().values():
        for control in framework.controls:
            for policy in control.policies:
                of_policy = found.setdefault(policy, {})
                of_policy[framework.id] = (*of_policy.get(framework.id, ()), control.id)
    return found


def listing(name: str, documents: Iterable[PolicyDocument]) -> str:
    """Return a profile's controls with their policies, for people. Raises NoSuchProfile."""
    return "\n".join(_lines(profile(name, documents)))


def _lines(framework: Framework) -> Iterator[str]:
    yield framework.title
    yield f"source: {framework.source}"
    for control in framework.controls:
        yield f"{control.id}  {control.title}".rstrip()
        yield from (f"  {policy}" for policy in control.policies)
        if control.not_covered:
            yield f"  no file shows: {control.not_covered}"
    yield f"{len(framework.controls)} controls, {len(policies_of(framework))} policies; each is evidence, never more than partial"
