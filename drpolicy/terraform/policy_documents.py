"""The JSON that the data source ``aws_iam_policy_document`` answers: a function of what is written in it.

Order and form as the AWS provider makes them (documentation of the data source, and its behaviour in version 6, 2026-11): a list of
one is its element, a longer one is sorted from Z to A, ``&{`` is ``${``, the keys of principals and conditions are sorted.
"""

from __future__ import annotations

import json
from typing import Any

from drpolicy.model.provenance import Derived
from drpolicy.model.values import Absent, Known, Value
from drpolicy.terraform.bodies import Bindings, thunks
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.files import Body
from drpolicy.terraform.scope import Scope
from drpolicy.terraform.unknowns import first_unknown, origins

_ATTRIBUTES = frozenset({"provider", "count", "for_each", "depends_on", "version", "policy_id"})
_LISTS = (("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource"))
_PRINCIPALS = (("principals", "Principal"), ("not_principals", "NotPrincipal"))
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""What Go's encoder writes by number even inside a text."""


class _NotKnown(Exception):
    """The document follows from more than what is written: the order of equal keys in a set, or what the provider refuses."""


def policy_document(body: Body, scope: Scope, bindings: Bindings, minified: bool) -> Value[str] | None:
    """Return the document when all its parts are known; ``None`` when they are not, or when it is merged with others."""
    if body.attributes.keys() - _ATTRIBUTES:
        return None
    parts = {name: compute() for name, compute in thunks(body, scope, bindings).items()}
    if first_unknown(parts.values()) is not None:
        return None
    found = {name: plain(value) for name, value in parts.items()}
    try:
        document: dict[str, Any] = {"Version": found.get("version") or "2012-10-17"}
        if found.get("policy_id"):
            document["Id"] = found["policy_id"]
        statements = [_statement(each) for each in found.get("statement") or ()]
    except (_NotKnown, TypeError, KeyError, AttributeError):
        return None
    if statements:
        document["Statement"] = statements
    form: dict[str, Any] = {"separators": (",", ":")} if minified else {"indent": 2}
    text = json.dumps(document, ensure_ascii=False, **form).translate(_HTML)
    return Known(text, Derived("policy document", origins([each for each in parts.values() if not isinstance(each, Absent)]), body.header))


def _statement(written: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if written.get("sid"):
        made["Sid"] = written["sid"]
    made["Effect"] = written.get("effect") or "Allow"
    for name, key in _LISTS:
        if written.get(name):
            made[key] = _one_or_sorted(written[name], replace="action" not in name)
    for name, key in _PRINCIPALS:
        if written.get(name):
            made[key] = _principals(written[name])
    if written.get("condition"):
        made["Condition"] = _conditions(written["condition"])
    return made


def _one_or_sorted(written: list[Any], replace: bool = True) -> str | list[str]:
    texts = [each.replace("&{", "${") if replace else each for each in sorted(set(written), reverse=True)]
    return texts[0] if len(texts) == 1 else texts


def _principals(written: list[dict[str, Any]]) -> str | dict[str, Any]:
    if len(written) == 1 and written[0]["type"] == "*" and list(written[0]["identifiers"]) == ["*"]:
        return "*"
    made = {each["type"]: _one_or_sorted(each["identifiers"]) for each in sorted(written, key=lambda each: str(each["type"]))}
    if len(made) != len(written):
        raise _NotKnown
    return made


def _conditions(written: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for each in sorted(written, key=lambda each: (str(each["test"]), str(each["variable"]))):
        values = [value.replace("&{", "${") for value in each["values"]]
        if each["variable"] in made.setdefault(each["test"], {}):
            raise _NotKnown
        made[each["test"]][each["variable"]] = values[0] if len(values) == 1 else values
    return made
