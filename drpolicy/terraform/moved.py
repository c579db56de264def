"""``moved`` blocks: which address was another one's before, so that whoever knows the old one finds the new one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from drpolicy.model.patterns import deferred
from drpolicy.model.resources import Moved
from drpolicy.terraform.files import Expr
from drpolicy.terraform.scope import Scope

_ADDRESS = deferred(r'[\w-]+(?:\.[\w-]+|\[\s*(?:\d+|"(?:[^"\\]|\\.)*")\s*\])*')


def _address(expr: Expr) -> str:
    # In JSON the address is a text.
    return expr.text if expr.syntax.notation == "native" else str(json.loads(expr.text))


def moves(scope: Scope) -> Iterator[Moved]:
    """Return what the ``moved`` blocks of a module instance say. Neither address is resolved: the old one exists no more."""
    for declaration in scope.module.moved:
        attributes = declaration.body().attributes
        if "from" in attributes and "to" in attributes:
            old, new = _address(attributes["from"]), _address(attributes["to"])
            if _ADDRESS.fullmatch(old) and _ADDRESS.fullmatch(new):
                yield Moved(scope.prefix + old, scope.prefix + new, declaration.header)
