"""Built-in policies and the catalog as one JSON file each, so that the hook reads no YAML for them.

Run ``python -m drpolicy.app.bundle`` after changing a policy or a catalog row; a test holds the files current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drpolicy.catalog.load import BUNDLE as CATALOG_BUNDLE
from drpolicy.policy.builtin import BUNDLE as POLICY_BUNDLE
from drpolicy.policy.builtin import policy_directory
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.documents import Document, plain
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.yaml_documents import documents


def catalog_bundle() -> str:
    """Return the catalog's YAML as JSON text. Raises ValueError naming the file that cannot be read."""
    directory = CATALOG_BUNDLE.parent
    rows = {part: [_plain(each) for each in _documents(directory / part)] for part in ("stores", "mechanisms", "operations", "steps")}
    modules = [_plain(each) for each in _documents(directory / "modules")]
    unjudged = [name for each in _documents(directory) if "types" in (data := _plain(each)) for name in data["types"]]
    return _text({**rows, "modules": modules, "unjudged": unjudged})


def policy_bundle() -> str:
    """Return the built-in policies as JSON text, without their examples. Raises ValueError naming the file that cannot be read."""
    policies = [_plain(each) for each in _documents(policy_directory())]
    return _text(sorted(({**each, "examples": []} for each in policies), key=lambda each: str(each["metadata"]["id"])))


def _documents(directory: Path) -> Iterator[Document]:
    tree = DirectoryTree(directory)
    for path in sorted(tree.list()):
        if not path.endswith(".yaml"):
            continue
        source = read_source(tree, path)
        if isinstance(source, Problem):
            raise ValueError(f"{path}: {source.message}")
        read = documents(source, placeholders=False)
        if read.problems:
            raise ValueError(f"{path}: {read.problems[0].message}")
        yield from read


def _plain(document: Document) -> dict[str, Any]:
    value = plain(document.root)
    if not isinstance(value, dict):
        raise ValueError(f"{document.source.path}: not a mapping")
    return value


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def write() -> None:
    """Write both bundles into the package."""
    CATALOG_BUNDLE.write_text(catalog_bundle(), "utf-8")
    POLICY_BUNDLE.write_text(policy_bundle(), "utf-8")


if __name__ == "__main__":
    write()
