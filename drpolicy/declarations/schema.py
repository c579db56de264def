"""JSON Schemas of the documents a user writes, for editors.

They stay in the common subset of draft-07, which yaml-language-server reads, and 2020-12. Schemas check shapes; dates that
are no day, and names that contradict each other, are found by ``load`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

_ID: Final = "https://drpolicy.dev/schemas/v1"


def schema(kind: str) -> str:
    """Return the text of the schema of a kind: the same on every run."""
    from drpolicy.declarations.shapes import SHAPES

    generated = SHAPES[kind].model_json_schema(ref_template="#/definitions/{model}")
    definitions = generated.pop("$defs", {})
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{_ID}/{kind.lower()}.schema.json",
        "title": f"drpolicy {kind}",
    }
    body = _portable({name: value for name, value in generated.items() if name != "title"})
    content = head | body | {"definitions": {name: _portable(value) for name, value in sorted(definitions.items())}}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


SCHEMAS: Final[Mapping[str, Callable[[], str]]] = {
    "service.schema.json": partial(schema, "Service"),
    "evidence.schema.json": partial(schema, "Evidence"),
    "protection.schema.json": partial(schema, "Protection"),
    "config.schema.json": partial(schema, "Config"),
    "policy.schema.json": partial(schema, "Policy"),
}
"""What makes the text of each file of ``schemas/``."""


def write(directory: Path) -> None:
    """Write every schema into a directory, in UTF-8. Raises OSError."""
    for name, text in SCHEMAS.items():
        (directory / name).write_text(text(), encoding="utf-8", newline="\n")


def _portable(node: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without titles and defaults of fields, and with nothing beside a ``$ref``: draft-07 ignores what stands there."""
    result = {keyword: _keyword(keyword, value) for keyword, value in node.items() if keyword not in {"title", "default"}}
    if "$ref" in result and len(result) > 1:
        result = {"allOf": [{"$ref": result.pop("$ref")}], **result}
    return result


def _keyword(keyword: str, value: Any) -> Any:
    match keyword:
        case "properties":
            return {name: _portable(each) for name, each in value.items()}
        case "oneOf" | "anyOf" | "allOf":
            return [_portable(each) for each in value]
        case "items" | "additionalProperties" if isinstance(value, dict):
            return _portable(value)
        case _:
            return value
