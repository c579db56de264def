"""The test suite of HCL itself, read from a checkout: ``specsuite/tests/**/NAME.hcl`` with ``NAME.hcldec`` and ``NAME.t``.

``NAME.t`` is read with our own reader: ``result`` is the value, ``diagnostics`` are the places where an error is to be reported. What the
``.hcldec`` asks of the structure (which attributes a body may have) is for Terraform's schema, so only its variables are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console_answers import values

from drpolicy.model.spans import Source
from drpolicy.model.values import Value
from drpolicy.terraform.blocks import BlockSyntax, FileSyntax
from drpolicy.terraform.conversion import plain
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.index import index
from drpolicy.terraform.unknowns import first_unknown

NOT_COMPARED = {
    "structure/attributes/unexpected": "which attributes a body may have, the provider's schema says",
}
"""Tests that are passed over, and why."""


def compared(checkout: Path) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield the section, the test, how it disagrees, and why it is not counted."""
    root = checkout / "specsuite" / "tests"
    for path in sorted(root.rglob("*.t")):
        name = path.relative_to(root).with_suffix("").as_posix()
        section = name.rpartition("/")[0] or "files"
        why = NOT_COMPARED.get(name)
        yield section, name, None if why else _difference(path), why


def _difference(path: Path) -> str | None:
    test = _indexed(path)
    body = _indexed(path.with_suffix(".hcl"))
    wanted = sorted(_errors(test))
    if wanted:
        found = sorted({(at.line, at.column) for at in (body.source.position(each.start) for each in body.problems)})
        return None if found == wanted else f"problems at {found}, but are at {wanted}"
    if body.problems:
        return f"{body.problems[0].message}, but is read"
    result = next((test.source.text[each.value_start : each.value_end] for each in test.attributes if each.name == "result"), None)
    if result is None or result == '"ok"':
        return None
    expected = _value(result, "")
    shown = _value(_object(body, body), _variables(path.with_suffix(".hcldec")))
    return None if shown == expected else f"{shown}, but is {expected}"


def _indexed(path: Path) -> FileSyntax:
    return index(Source(path.name, path.read_text("utf-8")))


def _errors(test: FileSyntax) -> Iterator[tuple[int, int]]:
    for diagnostics in (block for block in test.blocks if block.type == "diagnostics"):
        for error in diagnostics.nested("error"):
            start = error.nested("from")[0]
            place = {each.name: int(test.source.text[each.value_start : each.value_end]) for each in start.attributes}
            yield place["line"], place["column"]


def _variables(path: Path) -> str:
    """Return the variables of a specification as locals, which the names are replaced by."""
    specification = _indexed(path)
    block = next((each for each in specification.blocks if each.type == "variables"), None)
    if block is None:
        return ""
    return specification.source.text[block.start : block.end].replace("variables", "locals", 1) + "\n"


def _object(file: FileSyntax, body: FileSyntax | BlockSyntax) -> str:
    """Return a body as an object: attributes, and blocks by type and label."""
    fields = [f"{each.name} = {_local(file.source.text[each.value_start : each.value_end])}" for each in body.attributes]
    for type_ in dict.fromkeys(block.type for block in body.blocks):
        blocks = [block for block in body.blocks if block.type == type_]
        if blocks[0].labels:
            inner = "\n".join(f'"{block.labels[0]}" = {_object(file, block)}' for block in blocks)
            fields.append(f"{type_} = {{\n{inner}\n}}")
        else:
            fields.append(
                _object(file, blocks[0]) if not body.attributes and len(body.blocks) == 1 else f"{type_} = {_object(file, blocks[0])}"
            )
    lone = len(body.blocks) == 1 and not body.attributes and not body.blocks[0].labels
    return fields[0] if lone else "{\n" + "\n".join(fields) + "\n}"


def _local(text: str) -> str:
    return text.replace("${bar}", "${local.bar}").replace("${space_bar}", "${local.space_bar}")


def _value(expression: str, context: str) -> str:
    value: Value[Any] | None = values({"x": f"({expression})"}, context)["x"]
    if value is None:
        return "no expression"
    unknown = first_unknown([value])
    return unknown.symbol if unknown is not None else dumps(plain(value))
