"""Components of the estate: resources that a row of the catalog describes and that hold no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drpolicy.catalog.rows import Catalog
from drpolicy.model.components import Component
from drpolicy.model.provenance import Written
from drpolicy.model.resources import Resource
from drpolicy.model.values import Absent, Value
from drpolicy.recovery.conditions import compute
from drpolicy.recovery.holdings import joined_attributes, joined_resources
from drpolicy.recovery.links import Links


def components(
    resources: Iterable[Resource], catalog: Catalog, links: Links, environments: Mapping[str, Value[str]], *, services_declared: bool
) -> Iterator[Component]:
    """Yield every managed resource of a component's type, in the order given. ``environments`` is by deployment."""
    joined = joined_resources(catalog.components, links)
    for resource in resources:
        row = catalog.components.get(resource.type)
        if row is None or resource.data:
            continue
        header = Written(resource.span)
        absent: Value[Any] = Absent(header)
        attributes = joined_attributes(resource, row, joined)
        scope = {"self": attributes, "guarded": resource.guarded}
        fields = {name: compute(text, scope, header) for name, text in row.fields.items()}
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
            attributes=attributes,
            span=resource.span,
        )
