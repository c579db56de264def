"""The catalog against the provider's own schema: attribute names, links and defaults, as ``generate_provider_schema.py`` found them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from drpolicy.catalog.load import built_in_catalog

CATALOG = built_in_catalog()
HERE = Path(__file__).parent
GOLDEN: Mapping[str, Mapping[str, Any]] = json.loads((HERE / "golden_provider_schema.json").read_text("utf-8"))["types"]
COMPUTED = {"id", "arn", "key_id", "identifier"}
"""Names that a resource has only once it is made, so that they are no arguments."""
OLD = {("aws_redshift_cluster", "snapshot_copy")}
"""Arguments of older versions of the provider that are still read."""
RENAMED = {("aws_lambda_function", "function_name"): "name"}
"""Arguments that the package calls otherwise."""
FIELD = re.compile(r"(?<![\w.])(?:self|store)\.(\w+)")


def has(attributes: Mapping[str, Any], name: str) -> bool:
    """Whether an argument exists. What may be written several times is in the plural in the golden file."""
    return bool({name, f"{name}s", f"{name}es", re.sub("y$", "ies", name)} & set(attributes))


def named() -> Iterator[tuple[str, str, str]]:
    """Yield every (place in the catalog, type, argument) that the catalog relies on."""
    for row in CATALOG.stores.values():
        own = {*row.fields, *(join.name for join in row.joins), "ownKey", "account"}
        yield from ((f"{row.type} default", row.type, each.attribute) for each in row.defaults)
        yield from ((f"{row.type} join {join.name}", join.type, join.store.split(".")[0]) for join in row.joins)
        for text in (row.data_class, *row.fields.values()):
            yield from ((f"{row.type} condition", row.type, name) for name in FIELD.findall(text) if name not in own)
        if row.key:
            yield f"{row.type} key", row.type, row.key
        yield from ((f"{row.type} name", row.type, name) for name in row.names if name not in COMPUTED)
    for component in CATALOG.components.values():
        joined = {join.name for join in component.joins}
        yield from ((f"{component.type} default", component.type, each.attribute) for each in component.defaults)
        yield from ((f"{component.type} join {join.name}", join.type, join.store) for join in component.joins)
        for text in component.fields.values():
            yield from ((f"{component.type} condition", component.type, name) for name in FIELD.findall(text) if name not in joined)
        twin = component.twin
        if twin is not None:
            paths = (*twin.by, *twin.equal, *twin.at_least, *twin.entries)
            yield from ((f"{component.type} twin", component.type, path.split(".")[0]) for path in paths)
        yield from ((f"{component.type} regional", component.type, name) for name in component.regional)
    for mechanism in CATALOG.mechanisms.values():
        link = mechanism.link
        if link is not None:
            yield from ((f"{mechanism.id} link", link.type, name) for name in (link.store.split(".")[0], link.sibling) if name)
            yield from ((f"{mechanism.id} named by", type_, link.named_by) for type_ in mechanism.stores if link.named_by)
            yield from ((f"{mechanism.id} through", type_, name) for type_, name in link.through.items())
            if link.joint is not None:
                yield f"{mechanism.id} joint", link.joint.type, link.joint.first
        for type_ in (link.type,) if link is not None else mechanism.stores:
            if mechanism.each:
                yield f"{mechanism.id} each", type_, mechanism.each.split(".")[0]


@pytest.mark.parametrize(("place", "type_", "argument"), sorted(set(named())))
def test_an_argument_that_a_row_reads_exists(place: str, type_: str, argument: str) -> None:
    if (type_, argument) not in OLD:
        assert has(GOLDEN[type_]["attributes"], RENAMED.get((type_, argument), argument)), (
            f"{place}: hashicorp/aws has no {type_}.{argument}"
        )


def documented() -> Iterator[tuple[str, str, str, str]]:
    for row in (*CATALOG.stores.values(), *CATALOG.components.values()):
        for default in row.defaults:
            said = GOLDEN[row.type]["attributes"].get(default.attribute)
            if isinstance(said, str) and "=" in said and default.value is not None:
                yield row.type, default.attribute, str(default.value).lower(), said.partition("=")[2].lower()


@pytest.mark.parametrize(("type_", "attribute", "ours", "theirs"), list(documented()))
def test_a_default_is_the_documented_one(type_: str, attribute: str, ours: str, theirs: str) -> None:
    assert ours == theirs, f"{type_}.{attribute}: the catalog says {ours}, the provider's documentation {theirs}"


def filled() -> Iterator[tuple[str, str, bool]]:
    """Yield every default and computed attribute, and whether the catalog says that it is known after the apply."""
    for row in (*CATALOG.stores.values(), *CATALOG.components.values()):
        for default in row.defaults:
            if isinstance(GOLDEN[row.type]["attributes"].get(default.attribute), str) and default.omitted != "default":
                yield row.type, default.attribute, default.omitted == "computed"
    for store in CATALOG.stores.values():
        yield from ((store.type, each, True) for each in store.computed if each in GOLDEN[store.type]["attributes"])


@pytest.mark.parametrize(("type_", "attribute", "computed"), list(filled()))
def test_what_is_known_after_the_apply_is_said_to_be(type_: str, attribute: str, computed: bool) -> None:
    assert (attribute in GOLDEN[type_]["computed"]) is computed


def test_the_comparison_is_not_empty() -> None:
    compared = {(type_, attribute) for type_, attribute, _, _ in documented()}
    assert {("aws_db_instance", "backup_retention_period"), ("aws_redshift_cluster", "automated_snapshot_retention_period")} <= compared
    assert len(compared) >= 45


def test_every_type_of_the_catalog_is_compared() -> None:
    assert set(yaml.safe_load((HERE / "provider_types.yaml").read_text("utf-8"))) == set(GOLDEN)
    assert set(CATALOG.stores) | set(CATALOG.components) <= set(GOLDEN)
