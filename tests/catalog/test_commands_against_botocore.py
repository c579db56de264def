"""Every AWS command that the catalog knows or writes, against botocore's own service models: operations, arguments, waiters, queries."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache

import botocore.session
import jmespath
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from drpolicy.catalog.load import built_in_catalog
from drpolicy.catalog.rows import OperationRow

CATALOG = built_in_catalog()
SESSION = botocore.session.Session()
RENAMED = {"s3api": "s3"}
"""Services whose name on the command line is not that of their model."""
WRITTEN_FOR_THE_COMMAND_LINE = {"s3": {"ls": {"region"}, "mb": {"region"}}}
"""Commands that no service model has (AWS CLI Command Reference 2, s3), with their arguments."""
EVERYWHERE = {"region", "query", "output"}
PAGED = {"max-items", "page-size", "starting-token"}
COMMAND = re.compile(r"\baws (?P<text>[a-z0-9-]+ .+)$")
PLACE = re.compile(r"\{\w+\}|<[^>]*>")


@cache
def model_of(service: str) -> ServiceModel:
    return SESSION.get_service_model(RENAMED.get(service, service))


@cache
def operations(service: str) -> dict[str, str]:
    """Return the operations of a service by their names on the command line."""
    return {xform_name(name, "-"): name for name in model_of(service).operation_names}


def arguments(service: str, operation: str) -> dict[str, str]:
    """Return the arguments of an operation by their names on the command line, each with the type of what it takes."""
    shape = model_of(service).operation_model(operations(service)[operation]).input_shape
    found: dict[str, str] = {}
    for name, member in (shape.members if shape is not None else {}).items():
        argument = xform_name(name, "-")
        found[argument] = member.type_name
        if member.type_name == "boolean":
            found[f"no-{argument}"] = "boolean"
    return found


@cache
def document(service: str, kind: str) -> dict[str, object]:
    try:
        found: dict[str, object] = Loader().load_service_model(RENAMED.get(service, service), kind)
    except UnknownServiceError:
        return {}
    return found


def known_rows() -> Iterator[OperationRow]:
    yield from (row for row in CATALOG.operations if row.program == "aws" and row.service not in WRITTEN_FOR_THE_COMMAND_LINE)


def named_operations() -> Iterator[tuple[str, str, str]]:
    for row in known_rows():
        for operation, made in row.makes.items():
            yield from ((row.service, operation, argument) for argument in made)
        yield from ((row.service, operation, argument) for operation, argument in row.promotes.items())


@pytest.mark.parametrize(("service", "operation", "argument"), list(named_operations()))
def test_an_operation_of_a_runbook_takes_the_argument_that_names_something(service: str, operation: str, argument: str) -> None:
    assert operation in operations(service), f"aws {service} has no {operation}"
    assert argument.removeprefix("--") in arguments(service, operation), f"aws {service} {operation} takes no {argument}"


@pytest.mark.parametrize(("service", "argument"), [(row.service, name) for row in known_rows() for name in row.names])
def test_an_argument_that_names_something_is_one_of_the_service(service: str, argument: str) -> None:
    assert any(argument.removeprefix("--") in arguments(service, each) for each in operations(service)), (
        f"aws {service} never takes {argument}"
    )


@pytest.mark.parametrize("row", list(known_rows()), ids=lambda row: row.service)
def test_an_operation_that_renames_something_is_known_to_make_the_new_name(row: OperationRow) -> None:
    for operation in operations(row.service):
        renamed = {f"--{each}" for each in arguments(row.service, operation) if each.startswith("new-")}
        makes = {each for each in renamed if each.replace("--new-", "--") in row.names}
        assert makes <= set(row.makes.get(operation, ())), f"aws {row.service} {operation} makes {', '.join(sorted(makes))}"


def step_commands() -> Iterator[tuple[str, str]]:
    for row in CATALOG.steps:
        for text in (row.failover, row.drill):
            for line in (*text.commands, *text.verify, *text.cleanup) if text is not None else ():
                found = COMMAND.search(line)
                if found is not None:
                    yield row.mechanism, found["text"]


def words_of(text: str) -> list[str]:
    """Return the words of a command; what a shell would put in, and what stands in braces, is one word."""
    plain = PLACE.sub("x", text)
    inner = re.sub(r"\)$", "", plain) if plain.count("(") < plain.count(")") else plain
    return shlex.split(inner.partition(" > ")[0])


@pytest.mark.parametrize(("mechanism", "text"), list(step_commands()))
def test_a_command_of_a_step_is_one_that_the_service_takes(mechanism: str, text: str) -> None:
    service, operation, *rest = words_of(text)
    given = [word.removeprefix("--") for word in rest if word.startswith("--")]
    if service in WRITTEN_FOR_THE_COMMAND_LINE:
        assert set(given) <= WRITTEN_FOR_THE_COMMAND_LINE[service][operation]
        return
    if operation == "wait":
        waiters = document(service, "waiters-2")["waiters"]
        assert isinstance(waiters, dict)
        by_name = {xform_name(name, "-"): each["operation"] for name, each in waiters.items()}
        assert rest[0] in by_name, f"{mechanism}: aws {service} has no waiter {rest[0]}"
        operation = xform_name(by_name[rest[0]], "-")
    assert operation in operations(service), f"{mechanism}: aws {service} has no {operation}"
    allowed = set(arguments(service, operation)) | EVERYWHERE | (PAGED if is_paged(service, operation) else set())
    assert set(given) <= allowed, f"{mechanism}: aws {service} {operation} takes no {', '.join(sorted(set(given) - allowed))}"


@pytest.mark.parametrize(("mechanism", "text"), [each for each in step_commands() if not each[1].startswith("s3 ")])
def test_a_literal_value_is_one_that_the_argument_takes(mechanism: str, text: str) -> None:
    service, operation, *rest = words_of(text)
    shape = model_of(service).operation_model(operations(service)[operation]).input_shape if operation in operations(service) else None
    for name, member in (shape.members if shape is not None else {}).items():
        flag = f"--{xform_name(name, '-')}"
        chosen = getattr(member, "enum", [])
        if flag in rest and chosen:
            assert rest[rest.index(flag) + 1] in chosen, f"{mechanism}: {flag} of aws {service} {operation} is one of {', '.join(chosen)}"


def is_paged(service: str, operation: str) -> bool:
    pagination = document(service, "paginators-1").get("pagination", {})
    assert isinstance(pagination, dict)
    return operations(service)[operation] in pagination


def required(service: str, operation: str) -> set[str]:
    shape = model_of(service).operation_model(operations(service)[operation]).input_shape
    return {xform_name(name, "-") for name in shape.required_members} if shape is not None else set()


@pytest.mark.parametrize(
    ("mechanism", "text"), [each for each in step_commands() if " wait " not in each[1] and not each[1].startswith("s3 ")]
)
def test_a_command_of_a_step_has_what_the_service_requires(mechanism: str, text: str) -> None:
    service, operation, *rest = words_of(text)
    given = {word.removeprefix("--") for word in rest if word.startswith("--")}
    missing = {each for each in required(service, operation) if each not in given and f"no-{each}" not in given}
    assert not missing, f"{mechanism}: aws {service} {operation} needs {', '.join(sorted(missing))}"


def members(shape: Shape, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names of all fields in an answer, however deep."""
    if shape.name in seen:
        return
    beneath = seen | {shape.name}
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield name
            yield from members(member, beneath)
    elif isinstance(shape, ListShape):
        yield from members(shape.member, beneath)
    elif isinstance(shape, MapShape):
        yield from members(shape.value, beneath)


def queried(expression: object) -> Iterator[str]:
    """Yield the fields that a compiled query names."""
    if isinstance(expression, dict):
        if expression.get("type") == "field":
            yield expression["value"]
        for each in expression.get("children", ()):
            yield from queried(each)


@pytest.mark.parametrize(("mechanism", "text"), [each for each in step_commands() if "--query" in each[1]])
def test_a_query_of_a_step_names_fields_of_the_answer(mechanism: str, text: str) -> None:
    words = words_of(text)
    service, operation = words[:2]
    query = words[words.index("--query") + 1]
    shape = model_of(service).operation_model(operations(service)[operation]).output_shape
    assert shape is not None
    unknown = set(queried(jmespath.compile(query).parsed)) - set(members(shape))
    assert not unknown, f"{mechanism}: the answer of aws {service} {operation} has no {', '.join(sorted(unknown))}"


def live_calls() -> Iterator[tuple[str, str]]:
    yield from sorted({(row.type, call) for row in CATALOG.stores.values() for call in row.live})


@cache
def by_namespace() -> dict[str, list[str]]:
    """Return the services of botocore by each name that they go by: their own, in signatures, in endpoints and in ARNs."""
    found: dict[str, list[str]] = {}
    for service in SESSION.get_available_services():
        metadata = model_of(service).metadata
        for name in {service, metadata.get("signingName"), metadata.get("endpointPrefix")} - {None}:
            found.setdefault(str(name), []).append(service)
    return found


@pytest.mark.parametrize(("type_", "call"), list(live_calls()))
def test_a_call_that_confirms_a_store_exists(type_: str, call: str) -> None:
    namespace, _, operation = call.partition(":")
    services = by_namespace().get(namespace, [])
    assert any(operation in model_of(service).operation_names for service in services), f"{type_}: no service {namespace} has {operation}"


def test_the_tables_are_not_empty() -> None:
    assert len(list(named_operations())) > 30
    assert len(list(step_commands())) > 40
