"""Distil the provider's own schema into ``golden_provider_schema.json``: attribute names, types and documented defaults.

The Python package ``pulumi_aws`` is generated from the schema and the documentation of hashicorp/aws. Run it with an
environment of its own, after adding a type to ``provider_types.yaml``::

    pip install --no-deps pulumi_aws
    python tests/catalog/generate_provider_schema.py SITE_PACKAGES

Only names, types and default values are kept, none of the text. Names are the package's: what may be written several times
is in the plural there, and a block that may be written once is an object.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
GOLDEN = HERE / "golden_provider_schema.json"
DEPTH = 4

_SCALAR = re.compile(r"\b(bool|int|float|str)\b")
_DEFAULT = re.compile(r"\bdefaults?(?: value)?(?: it)?(?: is| to| of| set to|:)?(?: is)?:? +(`?)\"?([A-Za-z0-9_.-]+)", re.IGNORECASE)
_PARAMETER = re.compile(r":param [^\n]*? (\w+): (.*?)(?=\n\s*:param|\Z)", re.DOTALL)


def distilled(package: Path, types: Mapping[str, str]) -> dict[str, Any]:
    """Return what is known of every type, by its Terraform name."""
    version = next(package.parent.glob("pulumi_aws-*.dist-info")).name.removeprefix("pulumi_aws-").removesuffix(".dist-info")
    return {
        "source": f"pulumi_aws {version} (PyPI), generated from hashicorp/aws",
        "types": {name: _resource(package, *place.split(".")) for name, place in sorted(types.items())},
    }


def _resource(package: Path, module: str, class_: str) -> dict[str, Any]:
    for path in sorted((package / module).glob("[a-z]*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            # Where a block has the name of the resource, the resource's arguments are called Init.
            if isinstance(node, ast.ClassDef) and node.name in (f"{class_}Args", f"{class_}InitArgs"):
                blocks = _classes(package / module / "_inputs.py")
                return {"attributes": dict(_attributes(node, blocks, DEPTH)), "computed": sorted(_computed(path, class_, node))}
    raise SystemExit(f"pulumi_aws has no {module}.{class_}")


def _computed(path: Path, class_: str, arguments: ast.ClassDef) -> Iterator[str]:
    """Yield the arguments that need not be written and that the resource has in any case: what is optional may be missing there."""
    made = next(each for each in arguments.body if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    defaults = dict(zip((each.arg for each in made.args.kwonlyargs), made.args.kw_defaults, strict=True))
    for node in _classes(path)[class_].body:
        optional = isinstance(node, ast.FunctionDef) and defaults.get(node.name) is not None
        if optional and node.returns is not None and "Optional" not in ast.unparse(node.returns):
            yield node.name


def _classes(path: Path) -> dict[str, ast.ClassDef]:
    if not path.exists():
        return {}
    return {node.name: node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ClassDef)}


def _attributes(node: ast.ClassDef, blocks: Mapping[str, ast.ClassDef], depth: int) -> Iterator[tuple[str, Any]]:
    made = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if made is None:
        return
    said = dict(_PARAMETER.findall(ast.get_docstring(made) or ""))
    for argument in made.args.kwonlyargs:
        annotation = ast.unparse(argument.annotation) if argument.annotation is not None else ""
        block = next((each for each in re.findall(r"\b(\w+Args)\b", annotation) if each in blocks), None)
        if block is not None:
            yield argument.arg, dict(_attributes(blocks[block], blocks, depth - 1)) if depth else {}
        else:
            yield argument.arg, _scalar(annotation, said.get(argument.arg, ""))


def _scalar(annotation: str, text: str) -> str:
    """Return the type, with the documented default after ``=`` where it is a plain value."""
    kind = _SCALAR.search(annotation)
    name = kind[1] if kind is not None and not re.search(r"Sequence|Mapping", annotation) else "collection"
    found = (match[2].rstrip(".") for match in _DEFAULT.finditer(text) if _plain(name, match))
    value = next(found, "")
    return f"{name}={value.lower() if name == 'bool' else value}" if value else name


def _plain(name: str, match: re.Match[str]) -> bool:
    """Whether what follows the word is a value, and not more of the sentence."""
    value = match[2].rstrip(".")
    quoted = bool(match[1]) and re.fullmatch(r"[A-Za-z][\w-]*", value) is not None
    return {"bool": value.lower() in ("true", "false"), "int": value.isdecimal(), "str": value.isupper() or quoted}.get(name, False)


if __name__ == "__main__":
    wanted = yaml.safe_load((HERE / "provider_types.yaml").read_text("utf-8"))
    text = json.dumps(distilled(Path(sys.argv[1]) / "pulumi_aws", wanted), indent=1, sort_keys=True)
    GOLDEN.write_text(text + "\n", "utf-8")
