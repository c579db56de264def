"""Where a DNS record or an origin leads, and how soon Route 53 notices that nothing is there."""

from __future__ import annotations

from typing import Any, Final

from drpolicy.model.durations import Duration
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Default, Derived, Through, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.resources import Resource
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, target_of
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import any_of, from_truth, known, truth_of

HEALTH_CHECK: Final = "aws_route53_health_check"
TARGETS: Final = frozenset(
    {
        "aws_lb",
        "aws_alb",
        "aws_elb",
        "aws_eip",
        "aws_instance",
        "aws_api_gateway_domain_name",
        "aws_api_gateway_rest_api",
        "aws_apigatewayv2_api",
        "aws_apigatewayv2_domain_name",
        "aws_lambda_function_url",
    }
)
"""Types that traffic is led to and that are in a region."""

FAILURE_THRESHOLD: Final = Default("failure_threshold = 3", "Route 53 Developer Guide, values for health checks, 2026-11")
ALIAS_TTL: Final = Default("an alias of a load balancer has a TTL of 60 seconds", "Route 53 Developer Guide, alias records, 2026-11")

_REGION: Final = deferred(r"(?:^|[.-])([a-z]{2}(?:-(?:gov|iso[a-z]?))?-[a-z]+-\d)(?=\.)")
_HOST: Final = deferred(r"\.amazonaws\.com(?:\.cn)?\.?$")


def region_of_target(value: Value[Any], links: Links) -> Value[str]:
    """Return the region of what a value leads to: of the resource that it refers to, or the one in AWS's own host name."""
    target = target_of(value)
    if target is not None:
        resources = [links.by_key[target.key]] if target.key in links.by_key else list(links.by_instances.get(target.key, ()))
        regions = {each.region.value for each in resources if isinstance(each.region, Known)}
        if len(regions) == 1 and all(isinstance(each.region, Known) for each in resources):
            return Known(regions.pop(), Through(resources[0].address, None, resources[0].region.origin))
    if isinstance(value, Known) and isinstance(value.value, str):
        found = _REGION.findall(value.value) if _HOST.search(value.value) else []
        if len(found) == 1:
            return Known(found[0], Derived("the region in the host's name", (value.origin,)))
        return Unknown(Reason.OUTSIDE_SCOPE, f"where {value.value} is", value.origin)
    if isinstance(value, Unknown):
        return Unknown(value.reason, f"region of {value.symbol}", value.origin, root=value.cause)
    return Unknown(Reason.OUTSIDE_SCOPE, "where it leads", value.origin)


def region_of_record(record: Resource, links: Links) -> Value[str]:
    """Return the region that a record leads to: that of its alias, else of its first value."""
    alias = record.get("alias", 0, "name")
    return region_of_target(alias if not isinstance(alias, Absent) else record.get("records", 0), links)


def one_region(regions: list[Value[str]], origin: Written) -> Value[bool]:
    """Whether everything is in one region for certain."""
    unknown = next((each for each in regions if isinstance(each, Unknown)), None)
    names = {each.value for each in regions if isinstance(each, Known)}
    if len(names) > 1:
        return known(False, f"they are in {' and '.join(sorted(names))}", *(each.origin for each in regions))
    if unknown is not None:
        return unknown
    return known(True, f"all of them are in {''.join(names)}", *(each.origin for each in regions), origin)


def checked(record: Resource, links: Links) -> Value[bool]:
    """Whether Route 53 looks whether a record's target is there. A disabled health check always says that it is."""
    check = record.get("health_check_id")
    evaluated = record.get("alias", 0, "evaluate_target_health")
    written: Value[bool] = known(not isinstance(check, Absent), "health_check_id", check.origin)
    for each in links.resolve(check, (HEALTH_CHECK,), record).matches:
        disabled = each.value.get("disabled")
        if isinstance(disabled, Unknown):
            written = disabled
        elif isinstance(disabled, Known) and disabled.value is True and each.presence is Truth.TRUE:
            written = known(False, "the health check is disabled", disabled.origin)
    return any_of(
        "a health check or an evaluated target",
        [written, evaluated if not isinstance(evaluated, Absent) else known(False, "", Written(record.span))],
    )


def switch_time(record: Resource, links: Links) -> Value[Duration]:
    """Return how long resolvers lead to a dead target at least: until the health check has failed, and the TTL is over."""
    origin = Written(record.span)
    if isinstance(record.get("health_check_id"), Absent):
        return Absent(origin)
    check = links.resolve(record.get("health_check_id"), (HEALTH_CHECK,), record).single
    if check is None:
        return Unknown(Reason.OUTSIDE_SCOPE, f"health check of {record.key}", record.get("health_check_id").origin)
    alias, ttl = record.get("alias", 0, "name"), record.get("ttl")
    lasting: Value[Any] = Known(60, ALIAS_TTL) if not isinstance(alias, Absent) else ttl
    interval, threshold = check.get("request_interval"), check.get("failure_threshold")
    threshold = Known(3, FAILURE_THRESHOLD) if isinstance(threshold, Absent) else threshold
    parts = (interval, threshold, lasting)
    numbers = [number_of(each) for each in parts]
    if any(each is None for each in numbers):
        return next((each for each in parts if isinstance(each, Unknown)), Absent(origin))
    seconds = [each for each in numbers if each is not None]
    how = f"{seconds[1]:g} failed checks every {seconds[0]:g}s, then a TTL of {seconds[2]:g}s"
    return Known(Duration(seconds[0] * seconds[1] + seconds[2]), Derived(how, (lasting.origin, interval.origin, threshold.origin)))


def without_weight(record: Resource) -> Value[bool]:
    """Whether a weighted record gets no traffic for now."""
    weight = record.get("weighted_routing_policy", 0, "weight")
    if isinstance(weight, Unknown):
        return weight
    return known(number_of(weight) == 0, "its weight is 0", weight.origin)


def all_hold(how: str, values: list[Value[bool]]) -> Value[bool]:
    """Return the conjunction; the first that is not known gives the reason."""
    truth = Truth.TRUE
    for each in values:
        truth = truth & truth_of(each)
    failing = [each.origin for each in values if truth_of(each) is truth] or [each.origin for each in values]
    return from_truth(truth, how, failing, next((each for each in values if isinstance(each, Unknown)), None))
