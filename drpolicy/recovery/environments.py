"""Which environment something belongs to: as the configuration says, else as a name says for itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from drpolicy.model.estate import Inference
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written
from drpolicy.model.resources import TerraformRoot
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Value
from drpolicy.recovery.stores import StoreFacts

ENVIRONMENT_WORDS: Mapping[str, str] = {
    "prod": "production",
    "production": "production",
    "prd": "production",
    "preprod": "staging",
    "preproduction": "staging",
    "staging": "staging",
    "stage": "staging",
    "stg": "staging",
    "uat": "staging",
    "dev": "development",
    "development": "development",
    "nonprod": "development",
    "nonproduction": "development",
    "test": "test",
    "qa": "test",
    "integration": "integration",
    "sandbox": "sandbox",
}
"""Words of a name that say an environment."""

_PREFIXED = deferred(r"\b(pre|non)[-_.](?=pro?d)")
"""``non-prod`` is one word: its second half alone would say the opposite."""


_ENDINGS = frozenset({"preprod", "preproduction", "staging", "stg", "uat", "nonprod", "nonproduction"})
"""Words that say an environment at the end of any name; ``test`` or ``integration`` is there as often what a thing is for."""

PLACES = frozenset(
    {"aws", "gcp", "azure", "account", "accounts", "cluster", "clusters", "eks", "k8s", "kubernetes", "env", "envs", "environment"}
    | {"environments", "config", "vars", "variables", "inputs", "values", "terraform", "tf", "live", "infra", "infrastructure", "global"}
    | {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "cn", "gov", "mx", "north", "south", "east", "west", "central"}
    | {"northeast", "northwest", "southeast", "southwest"}
)
"""Words that say where something is, or of what kind of file it is, and nothing else."""

_ORDINAL = deferred(r"[a-z]?\d+[a-z]?")


def named_environment(name: str) -> str | None:
    """Return the environment that a name says, the last part of a path first.

    A part says it where it is nothing but an environment and perhaps a place (``dev``, ``test-eu-west-1``), where it begins or ends with
    production (``prod-seoul``), or ends with a word that is an environment and nothing else (``orders-staging``). In other compounds
    the word says what something is for: ``synthetic-test``, ``datadog-integration``, ``provider-dev-override``.
    """
    for part in reversed(re.split(r"[/.@]", _PREFIXED.sub(r"\1", name.lower()))):
        words = re.split(r"[-_]", part)
        for at, word in enumerate(words):
            if word in ENVIRONMENT_WORDS and _is_said(word, at, words):
                return ENVIRONMENT_WORDS[word]
    return None


def _is_said(word: str, at: int, words: list[str]) -> bool:
    others = words[:at] + words[at + 1 :]
    if all(each in PLACES or _ORDINAL.fullmatch(each) for each in others):
        return True
    last = at == len(words) - 1
    return (ENVIRONMENT_WORDS[word] == "production" and (last or at == 0)) or (last and word in _ENDINGS)


def environment_of(root: TerraformRoot) -> Value[str]:
    """Return the environment that the configuration gives a deployment, else what its var-files or its path say for themselves."""
    if root.environment is not None and not isinstance(root.environment, Absent):
        return root.environment
    for span in reversed(root.var_files):
        found = named_environment(_below(root, span))
        if found is not None:
            return Known(found, Derived(f"inferred from the var-file {span.path}", (Written(span),)))
    found = named_environment(root.path)
    if found is not None:
        return Known(found, Derived(f"inferred from the path {root.path}", (Written(root.span),)))
    return Absent(Written(root.span))


def _below(root: TerraformRoot, var_file: Span) -> str:
    """Return what a var-file is called, without the path of the root and without the suffix."""
    path = var_file.path.removeprefix(f"{root.path}/" if root.path else "")
    return posixpath.join(posixpath.dirname(path), posixpath.basename(path).partition(".tfvars")[0])


def environment_of_namespace(name: str, cluster: str, header: Span) -> Value[str]:
    """Return the environment that a namespace's name is, or ends with, else that of its cluster's name.

    What a name begins with is as often what the namespace is for: ``dev-portal``.
    """
    for what, text, said in (("namespace", name, re.sub(r".*[-_.](?<!pre.)(?<!non.)", "", name)), ("cluster", cluster, cluster)):
        found = named_environment(said)
        if found is not None:
            return Known(found, Derived(f"inferred from the name of the {what} {text}", (Written(header),)))
    return Absent(Written(header))


def environment_inferences(roots: Iterable[TerraformRoot]) -> Iterator[Inference]:
    """Yield what was concluded of deployments and their environments, so that it can be corrected."""
    for root in roots:
        if root.library or not root.resources:
            continue
        if root.implied:
            given = ", ".join(span.path for span in root.var_files)
            text = f"{root.name} is a deployment of its own: {root.path or 'the root'} has several var-files, this one is given {given}"
            yield Inference(f"{text} (drpolicy.yaml can list its deployments)", root.var_files[-1] if root.var_files else root.span)
        environment = environment_of(root)
        if isinstance(environment, Known) and isinstance(environment.origin, Derived):
            why = "its var-file" if "var-file" in environment.origin.how else "its path"
            yield Inference(f"{root.name} is {environment.value}: {why} says so", root.span)


def namespace_inferences(stores: Iterable[StoreFacts]) -> Iterator[Inference]:
    """Yield what was concluded of namespaces that hold data: that they are of production changes nothing, and is not said."""
    for store in stores:
        environment = store.environment
        holds = isinstance(store.data_class, Known) and store.data_class.value == "system-of-record"
        if holds and isinstance(environment, Known) and environment.value != "production" and isinstance(environment.origin, Derived):
            whose = "its name says so" if "namespace" in environment.origin.how else "its cluster's name says so"
            yield Inference(f"namespace {store.name} is {environment.value}: {whose}", store.span)
