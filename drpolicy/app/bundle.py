"""Built-in policies, the catalog and outside frameworks as one JSON file each, so that the hook reads no YAML for them.

Run ``python -m drpolicy.app.bundle`` after changing a policy or a catalog row; a test holds the files current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drpolicy.catalog.frameworks import BUNDLE as FRAMEWORK_BUNDLE
from drpolicy.catalog.load import BUNDLE as CATALOG_BUNDLE
from drpolicy.policy.builtin import BUNDLE as POLICY_BUNDLE
from drpolicy.policy.builtin import policy_directory
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.documents import Document, plain
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import read_source
from drpolicy.sources.yaml_documents import documents

_LISTS = {"unjudged": ("unjudged.yaml", "types"), "countries": ("regions.yaml", "countries")}
"""Parts of the bundle that are lists: the file, and what the list is called there."""


def catalog_bundle() -> str:
    """Return the catalog's YAML as JSON text. Raises ValueError naming the file that cannot be read."""
    directory = CATALOG_BUNDLE.parent
    kinds = (
        "stores",
        "mechanisms",
        "components",
        "modules",
        "operators",
        "engines",
        "operations",
        "steps",
        "control_planes",
        "regional",
        "deletions",
        "velero",
        "backup_tools",
    )
    parts = {part: list(rows(directory / part)) for part in kinds}
    lists = {part: [entry for each in rows(directory, file) for entry in each[named]] for part, (file, named) in _LISTS.items()}
    return _text({**parts, **lists})


def framework_bundle() -> str:
    """Return the outside frameworks as JSON text. Raises ValueError naming the file that cannot be read."""
    return _text(list(rows(FRAMEWORK_BUNDLE.parent / "profiles")))


def policy_bundle() -> str:
    """Return the built-in policies as JSON text, without their examples. Raises ValueError naming the file that cannot be read."""
    return _text(sorted(({**each, "examples": []} for each in rows(policy_directory())), key=lambda each: str(each["metadata"]["id"])))


def rows(directory: Path, file: str = "") -> Iterator[dict[str, Any]]:
    """Yield every YAML document under a directory, or those of one file of it, as plain data.

    Raises ValueError naming the file that cannot be read.
    """
    tree = DirectoryTree(directory)
    for path in sorted(tree.list()):
        if not path.endswith(".yaml") or file not in ("", path):
            continue
        source = read_source(tree, path)
        if isinstance(source, Problem):
            raise ValueError(f"{path}: {source.message}")
        read = documents(source, placeholders=False)
        if read.problems:
            raise ValueError(f"{path}: {read.problems[0].message}")
        yield from map(_plain, read)


def _plain(document: Document) -> dict[str, Any]:
    value = plain(document.root)
    if not isinstance(value, dict):
        raise ValueError(f"{document.source.path}: not a mapping")
    return value


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def write() -> None:
    """Write the bundles into the package."""
    FRAMEWORK_BUNDLE.write_text(framework_bundle(), "utf-8")
    CATALOG_BUNDLE.write_text(catalog_bundle(), "utf-8")
    POLICY_BUNDLE.write_text(policy_bundle(), "utf-8")


if __name__ == "__main__":
    write()
