"""``terraform_remote_state``: the root of the same repository whose state it provably reads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from drpolicy.model.values import Absent, Known, Object, Value
from drpolicy.sources.trees import normalised
from drpolicy.terraform.backends import backend_of
from drpolicy.terraform.bodies import Bindings
from drpolicy.terraform.evaluate import written
from drpolicy.terraform.files import Body
from drpolicy.terraform.scope import Scope

IDENTITY: Mapping[str, tuple[str, ...]] = {
    "azurerm": ("storage_account_name", "container_name", "key"),
    "gcs": ("bucket", "prefix"),
    "local": ("path",),
    "s3": ("bucket", "key"),
}
"""The settings of a backend that say which state it is: equal ones are one state (Terraform, "Backends", 2026-11).

Names of buckets and of storage accounts are unique within a partition.
"""

DEFAULT_LOCAL = "terraform.tfstate"


def matching_roots(scope: Scope, body: Body, bindings: Bindings) -> tuple[Scope, ...]:
    """Return the deployments whose state a data source reads: several when one root is deployed more than once with one state."""
    attributes = body.attributes
    if "backend" not in attributes:
        return ()
    type_ = written(attributes["backend"], scope, bindings)
    config = written(attributes["config"], scope, bindings) if "config" in attributes else None
    if not isinstance(type_, Known) or type_.value not in IDENTITY:
        return ()
    settings = config.value.fields if isinstance(config, Known) and isinstance(config.value, Object) and config.value.rest is None else {}
    read = _state(str(type_.value), settings, scope.deployment.path)
    if read is None:
        return ()
    workspace = written(attributes["workspace"], scope, bindings) if "workspace" in attributes else None
    wanted = None if workspace is None or isinstance(workspace, Absent) else workspace
    if wanted is not None and not isinstance(wanted, Known):
        return ()
    return tuple(
        root
        for root in scope.run.roots
        if root.module is not scope.module
        and state_of(root) == read
        and _is_workspace(root.deployment.workspace, "default" if wanted is None else str(wanted.value), wanted is not None)
    )


def _is_workspace(of_root: str | None, wanted: str, asked: bool) -> bool:
    """Whether a deployment may be the workspace that is asked for. One of no known workspace is any, as long as nobody asks for one."""
    return of_root == wanted if of_root is not None else not asked


def state_of(root: Scope) -> tuple[str, ...] | None:
    """Return which state a root keeps, as comparable text; ``None`` when that is not wholly written (a partial configuration)."""
    backend = backend_of(root)
    if backend is not None:
        return _state(backend.type, backend.attributes.fields, root.deployment.path)
    return _state("local", {}, root.deployment.path)


def _state(type_: str, settings: Mapping[str, Value[object]], directory: str) -> tuple[str, ...] | None:
    names = IDENTITY.get(type_)
    if names is None or "workspace_dir" in settings:
        return None
    parts = list(_texts(names, settings, {"path": DEFAULT_LOCAL, "prefix": ""}))
    if len(parts) != len(names):
        return None
    if type_ == "local":
        if parts[0].startswith("/"):
            return None
        found = normalised(posixpath.join(directory, parts[0]))
        return None if found is None else (type_, found)
    return (type_, *parts)


def _texts(names: Iterable[str], settings: Mapping[str, Value[object]], defaults: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        value = settings.get(name)
        if isinstance(value, Known) and isinstance(value.value, str):
            yield value.value
        elif (value is None or isinstance(value, Absent)) and name in defaults:
            yield defaults[name]
