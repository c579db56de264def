"""Components of the estate: resources that a row of the catalog describes and that hold no data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drpolicy.catalog.rows import Catalog
from drpolicy.model.components import Component
from drpolicy.model.provenance import Written
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Known, Members, Value
from drpolicy.recovery.conditions import compute
from drpolicy.recovery.holdings import joined_attributes, joined_resources
from drpolicy.recovery.links import Links
from drpolicy.recovery.standby_resources import primary_names_of
from drpolicy.recovery.twin_differences import differences
from drpolicy.recovery.twins import Twins


def components(
    resources: Sequence[Resource],
    catalog: Catalog,
    links: Links,
    environments: Mapping[str, Value[str]],
    twins: Twins,
    *,
    services_declared: bool,
) -> Iterator[Component]:
    """Yield every managed resource of a component's type, in the order given. ``environments`` is by deployment."""
    joined = joined_resources(catalog.components, links)
    by_key = {each.key: each for each in resources}
    for resource in resources:
        row = catalog.components.get(resource.type)
        if row is None or resource.data:
            continue
        header = Written(resource.span)
        absent: Value[Any] = Absent(header)
        attributes = joined_attributes(resource, row, joined)
        scope = {"self": attributes, "guarded": resource.guarded}
        fields = {name: compute(text, scope, header) for name, text in row.fields.items()}
        twin = twins.twin_of(resource, row.twin) if row.twin is not None else None
        differing = list(differences(resource, twin, row.twin)) if twin is not None and row.twin is not None else []
        failed = twins.primary_regions(resource) if row.regional and twins.on_standby(resource) else frozenset()
        names, names_at = primary_names_of(resource, row.regional, failed, by_key) if failed else (Members[str](), absent)
        yield Component(
            key=resource.key,
            name=resource.address,
            address=resource.address,
            type=resource.type,
            kind=row.kind,
            deployment=resource.deployment,
            environment=environments.get(resource.deployment, absent),
            region=resource.region,
            account=resource.account,
            services_declared=services_declared,
            multi_az=fields.get("multiAz", absent),
            deletion_guarded=fields.get("deletionGuarded", absent),
            health_checked=fields.get("healthChecked", absent),
            fails_over=fields.get("failsOver", absent),
            twin=Known(twin.key, Written(twin.span)) if twin is not None else absent,
            differences=Members(tuple(member for member, _ in differing)),
            differences_at=Known(differing[0][0].value, differing[0][1]) if differing else absent,
            missing_in=twins.missing_in(resource, row.twin) if row.twin is not None else Members(),
            may_name_region=bool(failed),
            primary_names=names,
            primary_names_at=names_at,
            attributes=attributes,
            span=resource.span,
        )
