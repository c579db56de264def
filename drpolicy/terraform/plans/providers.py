"""Provider configurations of a plan: the region and account that resources are made in."""

from __future__ import annotations

from typing import Any

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import ProviderConfiguration
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.terraform.plans.addresses import ModuleAddress
from drpolicy.terraform.plans.configuration import Configuration, Instance, mapping
from drpolicy.terraform.plans.values import Marked, value_of
from drpolicy.terraform.providers import Provider, account_of_role

_CREDENTIALS = ("access_key", "secret_key", "shared_credentials_files", "shared_credentials_file", "token", "assume_role_with_web_identity")


class Providers:
    """The provider configurations of a plan, by ``provider_config_key`` (``aws``, ``aws.dr``, ``module.db:aws``)."""

    def __init__(self, configuration: Configuration, span: Span) -> None:
        self._configuration = configuration
        self._span = span
        self._known: dict[str, Provider] = {}

    def all(self) -> tuple[ProviderConfiguration, ...]:
        """Return the configurations of the root, those that are written and those that Terraform makes up."""
        found = []
        for key in self._configuration.providers:
            if ":" not in key:
                made = self.get(key)
                aws = key.partition(".")[0] in ("aws", "awscc")
                nowhere: Value[str] = Absent(Written(self._span))
                found.append(
                    ProviderConfiguration(key, made.region if aws else nowhere, made.settings if aws else {"account": nowhere}, self._span)
                )
        return tuple(found)

    def get(self, key: str) -> Provider:
        """Return one configuration; where the plan has none, its region and account are set outside."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._made(key)
        return found

    def _made(self, key: str) -> Provider:
        written = mapping(self._configuration.providers.get(key))
        expressions = mapping(written.get("expressions"))
        name = key.replace(":", ".")
        symbol = f"{self._configuration.deployment}:provider.{name}"
        region = self._text(key, expressions.get("region"))
        if region is None:
            region = Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}.region", Written(self._span))
        return Provider(name, region, {"account": self._account(key, expressions, symbol)}, self._span)

    def _account(self, key: str, expressions: Any, symbol: str) -> Value[str]:
        unknown = Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}.account", Written(self._span))
        if "allowed_account_ids" in expressions:
            allowed = self._value(key, expressions["allowed_account_ids"])
            if isinstance(allowed, Known) and isinstance(allowed.value, Members) and len(allowed.value.elements) == 1:
                only = allowed.value.elements[0].value
                return Known(str(only.value), only.origin) if isinstance(only, Known) else unknown
        roles = expressions.get("assume_role")
        if isinstance(roles, list) and roles:
            arn = self._text(key, mapping(roles[0]).get("role_arn"))
            return (account_of_role(arn) if arn is not None else None) or unknown
        if any(name in expressions for name in _CREDENTIALS):
            return unknown
        profile = self._text(key, expressions.get("profile"))
        if isinstance(profile, Known):
            return Unknown(Reason.OUTSIDE_SCOPE, f"{self._configuration.deployment}:profile {profile.value}", profile.origin)
        if profile is None and "allowed_account_ids" not in expressions:
            return Unknown(Reason.OUTSIDE_SCOPE, f"{self._configuration.deployment}:default account", Written(self._span))
        return unknown

    def _text(self, key: str, expression: Any) -> Value[str] | None:
        value = self._value(key, expression) if expression is not None else None
        return value if isinstance(value, Unknown) or (isinstance(value, Known) and isinstance(value.value, str)) else None

    def _value(self, key: str, expression: Any) -> Value[Any]:
        """Return the value of an argument of a provider: a constant, or one variable of the root, through modules if need be."""
        calls = tuple(part.removeprefix("module.") for part in key.rpartition(":")[0].split(".module.")) if ":" in key else ()
        origin = Written(self._span)
        for _ in range(len(calls) + 1):
            references = mapping(expression).get("references")
            names = [each for each in references if isinstance(each, str)] if isinstance(references, list) else []
            if len(names) != 1 or not names[0].startswith("var.") or names[0].count(".") != 1:
                break
            name = names[0].removeprefix("var.")
            if not calls:
                return self._variable(name)
            expression = mapping(self._configuration.call(calls).get("expressions")).get(name)
            if expression is None:
                variable = mapping(mapping(self._configuration.module(calls).get("variables")).get(name))
                return value_of(Marked(variable.get("default")), f"{self._configuration.deployment}:{key}.{name}", origin)
            calls = calls[:-1]
        place = Instance(ModuleAddress(calls, ("",) * len(calls)))
        return self._configuration.written(expression, f"{self._configuration.deployment}:provider.{key}", origin, place)

    def _variable(self, name: str) -> Value[Any]:
        declared = mapping(mapping(self._configuration.root.get("variables")).get(name))
        given = mapping(self._configuration.variables.get(name))
        marked = Marked(given.get("value", declared.get("default")), None, declared.get("sensitive") is True or None)
        return value_of(marked, f"{self._configuration.deployment}:var.{name}", Written(self._span))
