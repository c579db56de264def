"""Data that must not leave its country: who declares it, and which copies leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drpolicy.catalog.rows import Country
from drpolicy.declarations.documents import StoreReference
from drpolicy.model.provenance import Derived, Provenance
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value, same
from drpolicy.recovery.logic import all_of, from_truth, known


def confined(references: Iterable[StoreReference], header: Provenance) -> Value[bool]:
    """Whether a service declares that a store's data stays in its country.

    ``dataLocation: country`` says so; personal data stays unless the basis of its transfer is declared.
    """
    open_: Unknown | None = None
    for each in references:
        match each.data_location:
            case Known("country", origin):
                return known(True, "dataLocation: country is declared", origin)
            case Unknown() as unknown:
                open_ = open_ or unknown
        if isinstance(each.personal_data, Unknown):
            open_ = open_ or each.personal_data
        elif isinstance(each.personal_data, Known) and isinstance(each.transfer_basis, Absent):
            return known(True, "it holds personal data, and no basis for a transfer abroad is declared", each.personal_data.origin)
    return open_ if open_ is not None else known(False, "no service declares that its data must not leave the country", header)


def confined_to_region(stays: Value[bool], region: Value[str], countries: Mapping[str, Country]) -> Value[bool]:
    """Whether data that must not leave its country cannot leave its region either: AWS has no other one there."""
    return all_of("AWS has one region in the country that the data must not leave", [stays, _alone(region, countries)])


def _alone(region: Value[str], countries: Mapping[str, Country]) -> Value[bool]:
    if isinstance(region, Known):
        country = countries.get(region.value)
        if country is not None:
            alone = len(country.regions) == 1
            return known(alone, f"{country.name} has {'one region' if alone else ' and '.join(country.regions)}", region.origin)
        return Unknown(Reason.OUTSIDE_SCOPE, f"country of {region.value}", region.origin)
    if isinstance(region, Unknown):
        return region
    return known(False, "it is in no region", region.origin)


def leaves_country(copy: Value[str], store: Value[str], countries: Mapping[str, Country]) -> Value[bool]:
    """Whether a copy is in another country than its store. A place of somebody's own is written as ``kr:data-centre``."""
    origins = (copy.origin, store.origin)
    if isinstance(copy, Absent) or same(copy, store) is Truth.TRUE:
        return Known(False, Derived("the copy is in the store's region", origins))
    if not isinstance(copy, Known):
        return copy
    if not isinstance(store, Known):
        return store if isinstance(store, Unknown) else Known(False, Derived("it is in no region", origins))
    places = {each: _country(each, countries) for each in (copy.value, store.value)}
    nowhere = next((each for each, country in places.items() if not country), None)
    here, there = places[store.value], places[copy.value]
    truth = Truth.UNKNOWN if nowhere is not None else Truth.of(here != there)
    why = Unknown(Reason.OUTSIDE_SCOPE, f"country of {nowhere}", copy.origin)
    return from_truth(truth, f"{copy.value} is in {there}, {store.value} in {here}", origins, why)


def _country(place: str, countries: Mapping[str, Country]) -> str:
    own, separator, _ = place.partition(":")
    if separator and len(own) == 2 and own.isalpha():
        return own.upper()
    found = countries.get(place)
    return found.name if found is not None else ""
