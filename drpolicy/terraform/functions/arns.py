"""The functions of the AWS provider that need no AWS (registry.terraform.io, hashicorp/aws, functions, 2026-11)."""

from __future__ import annotations

import re
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.terraform.conversion import text
from drpolicy.terraform.functions.table import Function
from drpolicy.terraform.unknowns import EvaluationError

_FIELDS = ("partition", "service", "region", "account_id", "resource")
_ROLE = deferred(r"role/(?:.*/)?([^/]+)", re.DOTALL)


def _parse(arn: Any) -> dict[str, str]:
    pieces = text(arn).split(":", 5)
    if len(pieces) != 6 or pieces[0] != "arn" or not pieces[1] or not pieces[2] or not pieces[5]:
        raise EvaluationError("an ARN is required")
    return dict(sorted(zip(_FIELDS, pieces[1:], strict=True)))


def _build(*fields: Any) -> str:
    return ":".join(("arn", *map(text, fields)))


def _trim_role_path(arn: Any) -> str:
    parsed = _parse(arn)
    role = _ROLE.fullmatch(parsed["resource"])
    if parsed["service"] != "iam" or role is None:
        raise EvaluationError("the ARN of a role is required")
    return _build(*(parsed[name] for name in _FIELDS[:4]), f"role/{role[1]}")


FUNCTIONS: dict[str, Function] = {
    "provider::aws::arn_build": Function(_build, 5, 5),
    "provider::aws::arn_parse": Function(_parse, 1, 1),
    "provider::aws::trim_iam_role_path": Function(_trim_role_path, 1, 1),
}
