"""What the configuration of an operator gives the databases that it runs, where their own objects say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.model.records import dataclass


@dataclass(frozen=True, slots=True)
class ConfigurationObject:
    """An object that an operator is configured with, by group and kind; its settings stand at ``root``.

    ``flat``: they stand there by the last part of their path alone, and the object is one if it has any of ``marks``.
    """

    type: tuple[str, str]
    root: str
    flat: bool = False
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Environment:
    """Where variables of containers come from, the first that has one: a list at ``own`` of the database's object, a Secret, a ConfigMap.

    ``secret`` and ``config_map`` are paths of the configuration to their names. The first is in the namespace of the database.
    """

    own: str = ""
    secret: str = ""
    config_map: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a way to back up needs, under ``settings`` of the database.

    It is what stands at ``own`` of the database's object, else what ``variable`` of an environment is, else what stands at ``operator`` of
    the configuration, else ``standard`` where a configuration was read.
    """

    name: str
    own: str = ""
    environment: str = ""
    variable: str = ""
    operator: str = ""
    standard: str = ""
    open: str = ""
    """What it is called where no configuration was read and it is therefore not known; empty where it is then taken for not there."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """How an operator is configured, and what its databases take from there."""

    objects: tuple[ConfigurationObject, ...]
    environments: Mapping[str, Environment]
    settings: tuple[Setting, ...]


def configuration(data: Mapping[str, Any]) -> Configuration:
    """Return what a row says of its operator's configuration."""
    return Configuration(
        objects=tuple(map(_object, data["objects"])),
        environments={name: _environment(each) for name, each in data["environments"].items()},
        settings=tuple(map(_setting, data["settings"])),
    )


def _object(data: Mapping[str, Any]) -> ConfigurationObject:
    return ConfigurationObject(
        (data.get("group", ""), data["kind"]), data["root"], data.get("flat", False), frozenset(data.get("marks", ()))
    )


def _environment(data: Mapping[str, Any]) -> Environment:
    return Environment(data.get("own", ""), data.get("secret", ""), data.get("configMap", ""))


def _setting(data: Mapping[str, Any]) -> Setting:
    standard, environment = data.get("default", {}), data.get("environment", {})
    return Setting(
        name=data["name"],
        own=data.get("own", ""),
        environment=environment.get("of", ""),
        variable=environment.get("variable", ""),
        operator=data.get("operator", ""),
        standard=standard.get("is", ""),
        open=data.get("open", ""),
        source=standard.get("source", ""),
    )
