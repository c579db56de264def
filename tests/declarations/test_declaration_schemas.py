from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from declaration_texts import FAULTS, GOOD, read, with_fault

from drpolicy.declarations.schema import SCHEMAS, write
from drpolicy.sources.documents import plain

DIRECTORY = Path(__file__).parents[2] / "schemas"
KINDS = {f"{kind.lower()}.schema.json": kind for kind in GOOD}
DRAFTS = (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)


def data(text: str) -> Any:
    (document,) = read(text)
    return plain(document.root)


def properties(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        declared = node.get("properties")
        if isinstance(declared, dict):
            yield from declared.items()
        for value in node.values():
            yield from properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from properties(value)


def keywords(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from keywords(value)
    elif isinstance(node, list):
        for value in node:
            yield from keywords(value)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_files_are_current(name: str) -> None:
    written = (DIRECTORY / name).read_text(encoding="utf-8")
    assert written == SCHEMAS[name](), "regenerate with drpolicy.declarations.schema.write(Path('schemas'))"


def test_writing_gives_the_same_files(tmp_path: Path) -> None:
    write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(SCHEMAS)
    for name in SCHEMAS:
        assert (tmp_path / name).read_bytes() == (DIRECTORY / name).read_bytes()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_under_both_drafts_and_names_itself(name: str) -> None:
    schema = json.loads(SCHEMAS[name]())
    for draft in DRAFTS:
        draft.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"https://drpolicy.dev/schemas/v1/{name}"
    assert schema["title"] == f"drpolicy {KINDS[name]}"
    assert schema["description"]
    assert not {"prefixItems", "unevaluatedProperties", "unevaluatedItems", "$defs", "dependentSchemas", "default"} & set(keywords(schema))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_has_a_description_and_an_example_that_fits(name: str) -> None:
    schema = json.loads(SCHEMAS[name]())
    seen = 0
    for field, node in properties(schema):
        assert node.get("description"), field
        assert node.get("examples"), field
        for draft in DRAFTS:
            for example in node["examples"]:
                draft({**node, "definitions": schema["definitions"]}).validate(example)
        seen += 1
    assert seen > 10


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_good_documents_validate_and_faulty_ones_do_not(name: str, draft: type[jsonschema.Draft7Validator]) -> None:
    validator = draft(json.loads(SCHEMAS[name]()))
    kind = KINDS[name]
    for text in GOOD[kind]:
        validator.validate(data(text))
    for good, bad in FAULTS[kind]:
        assert not validator.is_valid(data(with_fault(GOOD[kind][0], good, bad))), bad
