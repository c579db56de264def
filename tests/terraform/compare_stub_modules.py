"""Compare stub modules with the modules that they describe, on the modules' own examples.

    python tests/terraform/compare_stub_modules.py --module terraform-aws-modules/rds/aws@7.2.0=DIRECTORY …

Each example is read twice: with the module on disk, as after ``terraform init``, and without it, so that its stub is used. Printed is
what differs in resources of the catalog's types (addresses, presence, region, the attributes that its rows read) and in verdicts. The
modules are not part of this repository: clone them somewhere, at the version that is named. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import json
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from drpolicy.app.check import assemble
from drpolicy.app.reading import Read, read_tree
from drpolicy.app.settings import Settings
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.trees import MemoryTree, OverlayTree, Tree, normalised
from drpolicy.terraform.shapes import ResourceObject
from drpolicy.terraform.unknowns import symbol_of

_CALL = re.compile(r'(?m)^module\s+"(?P<name>[\w-]+)"\s*\{(?P<body>.*?)^\}', re.DOTALL)
_SOURCE = re.compile(r'(?m)^(?P<before>\s*source\s*=\s*)"(?P<source>\.\.?/[^"]*)"')


class Module(NamedTuple):
    """A module to compare: what the registry calls it, the version, and where its files are."""

    source: str
    version: str
    directory: Path


def parsed(text: str) -> Module:
    source, _, directory = text.partition("=")
    name, _, version = source.partition("@")
    return Module(name, version, Path(directory))


def rewritten(module: Module, example: str, files: Mapping[str, str]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return an example's files with the module called by its registry source, and what ``terraform init`` would note of the calls."""
    noted: list[dict[str, str]] = []
    found: dict[str, str] = {}
    for path, text in files.items():

        def call(match: re.Match[str], path: str = path) -> str:
            name, body = match["name"], match["body"]
            source = _SOURCE.search(body)
            if source is None:
                return match[0]
            root, _, submodule = source["source"].partition("//")
            target = normalised(posixpath.join(example, root, submodule))
            if target is None or (target and not target.startswith("modules/")):
                return match[0]
            noted.append({"Key": name, "Source": module.source, "Dir": posixpath.relpath(target or ".", example)})
            asked = f'{source["before"]}"{module.source}{"//" + target if target else ""}"\n  version = "{module.version}"'
            return match[0].replace(source[0], asked)

        found[path] = _CALL.sub(call, text)
    return found, noted


def pairs(module: Module) -> Iterator[tuple[str, Tree, Tree]]:
    """Yield every example with the tree that has the module on disk and the one that has not."""
    tree = DirectoryTree(module.directory)
    paths = [path for path in tree.list() if path.endswith(".tf") and "examples/" in path]
    for example in sorted({posixpath.dirname(path) for path in paths}):
        texts = {path: data.decode() for path in paths if posixpath.dirname(path) == example and isinstance(data := tree.read(path), bytes)}
        files, noted = rewritten(module, example, texts)
        if noted:
            manifest = {f"{example}/.terraform/modules/modules.json": json.dumps({"Modules": noted})}
            yield example, OverlayTree(MemoryTree({**files, **manifest}), tree), OverlayTree(MemoryTree(files), tree)


_MATCHED = {
    "aws_backup_plan": {"name", "rule"},
    "aws_backup_selection": {"plan_id", "resources", "not_resources", "selection_tag", "condition"},
    "aws_backup_vault": {"name", "force_destroy"},
    "aws_backup_vault_lock_configuration": {"backup_vault_name", "changeable_for_days", "min_retention_days", "max_retention_days"},
    "aws_backup_logically_air_gapped_vault": {"name"},
    "aws_backup_restore_testing_plan": {"name", "schedule_expression", "recovery_point_selection"},
    "aws_backup_restore_testing_selection": {"restore_testing_plan_name", "protected_resource_arns", "protected_resource_conditions"},
    "aws_dlm_lifecycle_policy": {"state", "policy_details"},
    "aws_eks_cluster": {"name"},
}
"""What the algorithms read that a row cannot express."""

_NOT_READ = re.compile(r'"(?:scan_action|propagate_tags)"=(?:\[[^][]*\]|[^,{}]*),')


def attributes_read() -> dict[str, set[str]]:
    """Return the attributes of each resource type that catalog rows and the algorithms beside them read."""
    catalog = built_in_catalog()
    found: dict[str, set[str]] = {type_: set(names) for type_, names in _MATCHED.items()}
    for row in catalog.stores.values():
        texts = " ".join((row.data_class, *row.fields.values()))
        names = set(re.findall(r"self\.(\w+)", texts)) - {join.name for join in row.joins}
        found.setdefault(row.type, {"tags"}).update(names, row.names, (each.attribute for each in row.defaults), {row.replica_of} - {""})
        for join in row.joins:
            found.setdefault(join.type, set()).update({join.store}, re.findall(r"\b[a-z]\.(\w+)", texts))
    for mechanism in catalog.mechanisms.values():
        texts = " ".join((mechanism.enabled, mechanism.retention, mechanism.copy.value, *(each.that for each in mechanism.requires)))
        types = {mechanism.link.type} if mechanism.link is not None else set(mechanism.stores)
        for type_ in types:
            found.setdefault(type_, set()).update({mechanism.each} - {""}, () if mechanism.each else re.findall(r"self\.(\w+)", texts))
            if mechanism.link is not None:
                found[type_].update({mechanism.link.store, mechanism.link.sibling} - {""})
    return found


_READ = attributes_read()


def shown(value: Value[Any]) -> str:
    if isinstance(value, Absent):
        return "null"
    if isinstance(value, Unknown):
        return "unknown" if value.target is None else f"unknown: {value.target.key}.{value.target.attribute}"
    return _NOT_READ.sub("", "".join(written(value)))


def written(value: Value[Any]) -> Iterator[str]:
    """Yield a value with everything in it: ``symbol_of`` shortens what is long."""
    match value:
        case Known(Members() as inner):
            yield "["
            for member in inner.elements:
                yield from written(member.value)
                yield "," if member.presence is Truth.TRUE else " perhaps,"
            yield "]" if inner.rest is None else " and more]"
        case Known(Object() as inner) if not isinstance(inner, ResourceObject):
            yield "{"
            # Null and not written are the same to a provider.
            for name in sorted(name for name, field in inner.fields.items() if not isinstance(field, Absent)):
                yield f'"{name}"='
                yield from written(inner.fields[name])
                yield ","
            yield "}"
        case Unknown(target=None):
            yield "unknown"
        case _:
            yield symbol_of(value)


def facts(resource: Resource) -> dict[str, str]:
    """Return what is compared of a resource."""
    values = {name: shown(resource.get(name)) for name in sorted(_READ.get(resource.type, set()))}
    return {"presence": Truth(resource.presence).name, "region": shown(resource.region), **values}


def resources(found: Read) -> dict[str, dict[str, str]]:
    return {each.key: facts(each) for root in found.terraform.roots for each in root.resources if not each.data}


def verdicts(found: Read) -> dict[str, str]:
    settings = Settings((Path(),), Path(), date(2026, 11, 1))
    return {
        f"{each.policy} on {each.subject.name} ({each.fingerprint})": f"{each.verdict.name} {each.severity}"
        for each in assemble(settings, found).findings
    }


def differences(real: Mapping[str, Any], stub: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*real, *stub}):
        one, other = real.get(key), stub.get(key)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{key} {each}" for each in differences(one, other))
        else:
            yield f"{key}: {one} on disk, {other} by its interface"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", type=parsed, required=True, metavar="SOURCE@VERSION=DIRECTORY")
    differ = 0
    for module in parser.parse_args().module:
        for example, disk, described in pairs(module):
            real, stub = read_tree(disk, scopes=(example,)), read_tree(described, scopes=(example,))
            calls = [each for root in stub.terraform.roots for each in root.modules]
            said = [
                problem.message
                for problem in stub.terraform.problems
                if problem.code == "module-interface" and module.source in problem.message
            ]
            found = [
                *differences(resources(real), resources(stub)),
                *differences(verdicts(real), verdicts(stub)),
                *said,
            ]
            missing = [each for each in calls if each.source.startswith(module.source) and each.outcome != "stubbed"]
            differ += len(found)
            heading = f"{module.source} {module.version} {example}: {len(resources(real))} resources, {len(verdicts(real))} verdicts"
            lines = [f"{heading}, {len(found)} differences", *(f"    {each}" for each in found)]
            lines += [f"    not described: {each.address} ({each.source})" for each in missing]
            sys.stdout.write("\n".join(lines) + "\n")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
