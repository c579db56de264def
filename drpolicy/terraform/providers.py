"""Provider configurations: which one a resource is made with, and the region, account and tags that it brings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Members, Unknown, Value
from drpolicy.terraform.blocks import BlockSyntax, FileSyntax
from drpolicy.terraform.bodies import Bindings, finished, nested_blocks
from drpolicy.terraform.evaluate import evaluate, framed, parsed, written
from drpolicy.terraform.files import Body, Declaration, Expr
from drpolicy.terraform.instances import Instance, expanded, quoted
from drpolicy.terraform.scope import Frame, Scope, guarded, memoised
from drpolicy.terraform.shapes import LazyFields
from drpolicy.terraform.tree import Attribute, Fields, Index, Literal, Name
from drpolicy.terraform.unknowns import with_origin

_CREDENTIALS = frozenset({"access_key", "profile", "shared_credentials_files", "shared_credentials_file", "secret_key", "token"})
_ROLES = ("assume_role", "assume_role_with_web_identity")
_ARN_ACCOUNT = deferred(r"arn:[\w-]+:iam::(\d{12}):")

# AWS provider, "Enhanced region support" (2026-11): services without regions.
_GLOBAL = deferred(
    r"aws_(?:iam|cloudfront|globalaccelerator|organizations|shield|waf|route53|route53recoverycontrolconfig|route53recoveryreadiness|ce"
    r"|budgets|account|networkmanager|route53domains)_(?!resolver_)\w+|aws_(?:backup_global_settings|s3_account_public_access_block|dx_gateway\w*)"
)
# Their ``region`` says something else than where they are (same page).
OTHER_REGION = frozenset(
    {
        "aws_cloudformation_stack_set_instance",
        "aws_cloudformation_stack_instances",
        "aws_config_aggregate_authorization",
        "aws_dx_hosted_connection",
        "aws_servicequotas_template",
        "aws_ssmincidents_replication_set",
        "data.aws_region",
        "data.aws_s3_bucket",
        "data.aws_vpc_endpoint_service",
        "data.aws_vpc_peering_connection",
    }
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider configuration as a resource sees it."""

    name: str
    region: Value[str]
    settings: Mapping[str, Value[Any]]
    """``account``, and ``tags`` if it has ``default_tags``: often a role of another module, so worked out when asked for."""

    span: Span

    @property
    def account(self) -> Value[str]:
        return self.settings["account"]

    @property
    def tags(self) -> Value[Any] | None:
        return self.settings.get("tags")


def provider_of(scope: Scope, name: str, who: str, span: Span) -> Provider:
    """Return the configuration that ``name`` (``aws``, ``aws.alias``) means in a module instance. ``who`` asks, at ``span``.

    Only default configurations are inherited; aliases must be passed.
    """
    while True:
        found = _own(scope, name, who, span)
        if isinstance(found, Provider):
            return found
        assert scope.parent is not None
        scope, name = scope.parent, found


_KEYED = deferred(r"([^\[]+)(\[.*\])", re.DOTALL)


def _own(scope: Scope, name: str, who: str, span: Span) -> Provider | str:
    keyed = _KEYED.fullmatch(name)
    local, _, alias = (keyed[1] if keyed is not None else name).partition(".")
    if scope.parent is not None:
        passed = _passed(scope)
        if name in passed:
            return passed[name]
    declaration = scope.module.providers.get((local, alias))
    if declaration is not None and (instance := _instance(scope, declaration, keyed[2] if keyed is not None else "")) is not None:
        return _configured(scope, name, declaration, instance)
    if scope.parent is not None and not alias:
        return name
    # One that depends on each.key is another one in every instance, so nobody shares its symbols.
    label = f"{name} of {who}" if "[" in name else name
    return _unconfigured(scope, label, span)


def _instance(scope: Scope, declaration: Declaration, suffix: str) -> Instance | None:
    """Return the instance of a provider configuration that a reference means; only OpenTofu's ``for_each`` makes several."""
    instances = provider_instances(scope, declaration)
    return next((each for each in instances if each.suffix == suffix and each.presence is Truth.TRUE), None)


def provider_instances(scope: Scope, declaration: Declaration) -> tuple[Instance, ...]:
    """Return the instances of a provider configuration: one without a suffix, or with ``for_each`` (OpenTofu 1.9) one per key."""
    body = declaration.body()
    key = ("provider instances", declaration.file.source.path, str(declaration.block.start))
    if key not in scope.memo:
        scope.memo[key] = expanded(body, scope, f"provider.{declaration.block.labels[0]}").instances
    found: tuple[Instance, ...] = scope.memo[key]
    return found


def _passed(scope: Scope) -> Mapping[str, str]:
    key = ("providers",)
    if key not in scope.memo:
        found: dict[str, str] = {}
        expr = scope.call_body.attributes.get("providers") if scope.call_body is not None else None
        tree = parsed(expr, scope) if expr is not None else None
        if expr is not None and isinstance(tree, Fields):
            frame = framed(expr, scope.parent or scope, scope.bindings)
            for left, right in tree.fields:
                found[_reference(left, expr, frame)] = _reference(right, expr, frame)
        scope.memo[key] = found
    passed: Mapping[str, str] = scope.memo[key]
    return passed


def _reference(node: Any, expr: Expr, frame: Frame) -> str:
    match node:
        case Index(of=Attribute(of=Name(name=local), name=alias), key=key):
            found = guarded(frame.scope, "provider", expr.span, lambda: evaluate(key, frame))
            if isinstance(found, Known) and isinstance(found.value, (str, int)):
                return f"{local}.{alias}[{quoted(str(found.value))}]"
            return re.sub(r"\s+", "", expr.text[node.start : node.end])
        case Literal(value=str() as name) | Name(name=name):
            return name
        case Attribute(of=Name(name=local), name=alias):
            return f"{local}.{alias}"
        case _:
            return re.sub(r"\s+", "", expr.text[node.start : node.end])


def reference(expr: Expr, scope: Scope, bindings: Bindings) -> str:
    """Return the name in a ``provider`` argument, with a key that is known; the quotes of Terraform 0.11 are still read."""
    return _reference(parsed(expr, scope), expr, framed(expr, scope, bindings))


def _unconfigured(scope: Scope, name: str, span: Span) -> Provider:
    symbol = scope.symbol(f"provider.{name}")
    region = Unknown(Reason.REGION_NOT_WRITTEN, f"{symbol}.region", Written(span))
    account: Value[str] = Unknown(Reason.OUTSIDE_SCOPE, f"{symbol}.account", Written(span))
    if scope.parent is None and "." not in name:
        account = _default_account(scope, span)
    return Provider(name if scope.parent is None else scope.prefix + name, region, {"account": account}, span)


def _configured(scope: Scope, name: str, declaration: Declaration, instance: Instance) -> Provider:
    key = ("provider", name)
    found = scope.memo.get(key)
    if isinstance(found, Provider):
        return found
    body, bindings = declaration.body(), instance.bindings
    if found is not None:
        return _unconfigured(scope, name, declaration.header)
    scope.memo[key] = "pending"

    def account() -> Value[str]:
        return memoised(scope, ("account of provider", name), declaration.header, lambda: _account(scope, name, body, bindings))

    settings: dict[str, Callable[[], Value[Any]]] = {"account": account}
    tags = [(file, block) for file, block in body.blocks if block.type == "default_tags" or block.labels[:1] == ("default_tags",)]
    if tags:
        settings["tags"] = lambda: _default_tags(scope, tags, body, bindings)
    made = Provider(scope.prefix + name, _region(scope, name, body, bindings), LazyFields(settings), declaration.header)
    scope.memo[key] = made
    return made


def _region(scope: Scope, name: str, body: Body, bindings: Bindings) -> Value[str]:
    expr = body.attributes.get("region")
    value = written(expr, scope, bindings) if expr is not None else Absent(Written(body.header))
    if isinstance(value, Unknown) or (isinstance(value, Known) and isinstance(value.value, str)):
        return value
    return Unknown(Reason.REGION_NOT_WRITTEN, scope.symbol(f"provider.{name}.region"), Written(body.header))


def _account(scope: Scope, name: str, body: Body, bindings: Bindings) -> Value[str]:
    allowed = body.attributes.get("allowed_account_ids")
    if allowed is not None:
        value = written(allowed, scope, bindings)
        if isinstance(value, Known) and isinstance(value.value, Members) and value.value.certain and len(value.value.elements) == 1:
            only: Value[str] = value.value.elements[0].value
            return Known(str(only.value), only.origin) if isinstance(only, Known) else only
    for file, block in body.blocks:
        if block.type in _ROLES or (block.type == "dynamic" and block.labels[:1] and block.labels[0] in _ROLES):
            role = Body(body.header, {}, ((file, block),)).nested("assume_role") if block.type == "assume_role" else None
            arn = role.attributes.get("role_arn") if role is not None else None
            account = account_of_role(written(arn, scope, bindings)) if arn is not None else None
            return account or _own_account(scope, name, body, bindings)
    if allowed is None and not _CREDENTIALS & body.attributes.keys() and not set(_ROLES) & body.attributes.keys():
        return _default_account(scope, body.header)
    return _own_account(scope, name, body, bindings)


def _default_account(scope: Scope, span: Span) -> Value[str]:
    """Return the account of whoever applies the root: as the configuration says, else not known, and the same throughout."""
    given = scope.deployment.given.account
    return given if given is not None else Unknown(Reason.OUTSIDE_SCOPE, f"{scope.deployment.name}:default account", Written(span))


def _own_account(scope: Scope, name: str, body: Body, bindings: Bindings) -> Unknown:
    profile = body.attributes.get("profile")
    value = written(profile, scope, bindings) if profile is not None else None
    if (
        isinstance(value, Known)
        and not set(_CREDENTIALS - {"profile"}) & body.attributes.keys()
        and not any(b.type in _ROLES for _, b in body.blocks)
    ):
        return Unknown(Reason.OUTSIDE_SCOPE, f"{scope.deployment.name}:profile {value.value}", value.origin)
    return Unknown(Reason.OUTSIDE_SCOPE, scope.symbol(f"provider.{name}.account"), Written(body.header))


def account_of_role(arn: Value[Any]) -> Value[str] | None:
    """Return the account in the ARN of a role; ``None`` when it is no ARN."""
    match arn:
        case Known(str() as text) if (found := _ARN_ACCOUNT.match(text)) is not None:
            return Known(found.group(1), Derived("account of the role", (arn.origin,)))
        case Unknown(parts=(Known(value=before), Unknown() as account, Known(value=after), *_)) if re.fullmatch(
            r"arn:[\w-]+:iam::", before
        ) and after.startswith(":"):
            return account
        case Unknown():
            return Unknown(arn.reason, f"account of {arn.symbol}", arn.origin)
        case _:
            return None


def _default_tags(scope: Scope, blocks: list[tuple[FileSyntax, BlockSyntax]], body: Body, bindings: Bindings) -> Value[Any]:
    value = nested_blocks(blocks, scope, bindings, 0)
    if isinstance(value, Known) and value.value.certain and len(value.value.elements) == 1:
        found = value.value.elements[0].value.value.fields.get("tags")
        return Absent(Written(body.header)) if found is None else finished(found)
    return Unknown(Reason.COUNT_NOT_KNOWN, scope.symbol("provider.default_tags"), Written(body.header))


def is_aws(type_: str) -> bool:
    """Whether a resource type belongs to AWS, and so has a region and an account."""
    return type_.startswith(("aws_", "awscc_"))


def region_of(
    type_: str, provider: Provider, written_region: Value[Any] | None, span: Span, header: Span, data: bool = False
) -> Value[str]:
    """Return where a resource is: its own ``region`` (AWS provider 6), else its provider's; nowhere for a global service.

    ``span`` is the ``provider`` argument, or the header of the block where the default provider takes effect.
    """
    if not is_aws(type_) or _GLOBAL.fullmatch(type_):
        return Absent(Written(header))
    meaning = f"data.{type_}" if data else type_
    if written_region is not None and not isinstance(written_region, Absent) and meaning not in OTHER_REGION:
        if isinstance(written_region, Known) and not isinstance(written_region.value, str):
            return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"region of {type_}: not a string", written_region.origin)
        return written_region
    return with_origin(provider.region, Through(f"provider {provider.name}", span, provider.region.origin))
