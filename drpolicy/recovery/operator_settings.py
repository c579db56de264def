"""The object that asks for a database, completed with what the configuration of its operator, read in the same files, gives it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from drpolicy.catalog.operator_rows import OperatorRow
from drpolicy.catalog.operator_settings import Configuration, ConfigurationObject, Environment, Setting
from drpolicy.kubernetes.kinds import group_of, kind_of, namespace_of
from drpolicy.kubernetes.navigation import entries, strings, text
from drpolicy.model.provenance import Default
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.operator_paths import at_path

SETTINGS = "settings"
"""Where what is completed stands in the object."""


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The configuration of the operator of one database: its root, and how paths into it are shortened. ``None``: there is none."""

    root: Value[Any]
    made: ConfigurationObject | None

    def at(self, path: str) -> Value[str]:
        """Return a setting; what is empty is not set."""
        found = strings(at_path(self.root, path.rpartition(".")[2] if self.made is not None and self.made.flat else path))
        return Absent(found.origin) if text(found) == "" else found


def completed(row: OperatorRow, own: Resource, resources: Sequence[Resource]) -> Value[Any]:
    """Return the object of a database with the settings that apply to it."""
    root = own.get()
    if row.configuration is None or not isinstance(root, Known) or not isinstance(root.value, Object):
        return root
    read = _configuration(row, own, resources)
    settings: dict[str, Value[Any]] = {}
    for each in row.configuration.settings:
        value = _value(each, row, read, root, own, resources)
        if not isinstance(value, Absent):
            settings[each.name] = value
    fields = {**root.value.fields, SETTINGS: Known(Object(settings), root.origin)}
    return Known(Object(fields, root.value.rest), root.origin)


def _configuration(row: OperatorRow, own: Resource, resources: Sequence[Resource]) -> _Read:
    given = row.configuration
    found = [] if given is None else list(_objects(given, own.deployment, resources))
    if not found:
        return _Read(Absent(own.get().origin), None)
    if len(found) > 1:
        names = " or ".join(each.address for each, _ in found)
        return _Read(
            Unknown(Reason.AMBIGUOUS, f"which of {names} the {row.title} is configured with", found[1][0].get().origin), found[0][1]
        )
    resource, made = found[0]
    if resource.presence is not Truth.TRUE:
        why = resource.why or Unknown(Reason.COUNT_NOT_KNOWN, resource.key, resource.get().origin)
        return _Read(why, made)
    return _Read(at_path(resource.get(), made.root), made)


def _objects(given: Configuration, deployment: str, resources: Iterable[Resource]) -> Iterator[tuple[Resource, ConfigurationObject]]:
    by_type = {each.type: each for each in given.objects}
    for resource in resources:
        if resource.deployment != deployment:
            continue
        made = by_type.get((group_of(resource.type.rpartition("/")[0]), kind_of(resource)))
        if made is not None and (not made.marks or made.marks & {name for name, _ in entries(at_path(resource.get(), made.root))}):
            yield resource, made


def _value(setting: Setting, row: OperatorRow, read: _Read, root: Value[Any], own: Resource, resources: Sequence[Resource]) -> Value[Any]:
    written = strings(at_path(root, setting.own)) if setting.own else Absent(root.origin)
    if not isinstance(written, Absent) and text(written) != "":
        return written
    if setting.environment and row.configuration is not None:
        environment = row.configuration.environments[setting.environment]
        variable = _variable(setting.variable, environment, row, read, root, own, resources)
        if not isinstance(variable, Absent):
            return variable
    given = read.at(setting.operator) if setting.operator else Absent(root.origin)
    if not isinstance(given, Absent):
        return given
    if read.made is None:
        what = f"{setting.open} that {row.title} is configured with"
        return Unknown(Reason.OUTSIDE_SCOPE, what, root.origin) if setting.open else given
    return Known(setting.standard, Default(setting.standard, setting.source, own.span)) if setting.standard else given


def _variable(
    name: str, environment: Environment, row: OperatorRow, read: _Read, root: Value[Any], own: Resource, resources: Sequence[Resource]
) -> Value[str]:
    """Return what a variable is before the configuration itself is asked for it."""
    if environment.own:
        entry = at_path(root, f"{environment.own}[name={name}]")
        if not isinstance(entry, Absent):
            value = strings(at_path(entry, "value"))
            return Unknown(Reason.OUTSIDE_SCOPE, f"what {name} is given from", entry.origin) if isinstance(value, Absent) else value
    for kind, path in (("Secret", environment.secret), ("ConfigMap", environment.config_map)):
        named = read.at(path) if path else Absent(root.origin)
        if isinstance(named, Unknown):
            return named
        if isinstance(named, Absent):
            continue
        held = _held(kind, named.value, own, resources)
        if held is None:
            return Unknown(Reason.OUTSIDE_SCOPE, f"what {kind} {named.value} gives the pods of {row.title}", named.origin)
        for section in ("data", "stringData"):
            value = at_path(held.get(), f"{section}.{name}") if "." not in name else Absent(root.origin)
            if not isinstance(value, Absent):
                given = strings(value)
                return Unknown(Reason.SENSITIVE, f"{name} in Secret {held.name}", given.origin) if kind == "Secret" else given
    return Absent(root.origin)


def _held(kind: str, named: str, own: Resource, resources: Sequence[Resource]) -> Resource | None:
    """Return the ConfigMap or Secret that is named, with its namespace or without one."""
    namespace, slash, name = named.rpartition("/")
    for each in resources:
        if each.deployment != own.deployment or each.type != f"v1/{kind}" or each.name != name or each.presence is not Truth.TRUE:
            continue
        if (slash and namespace_of(each) == namespace) or namespace_of(each) == namespace_of(own) or (not slash and kind == "ConfigMap"):
            return each
    return None
