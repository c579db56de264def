"""The countries of regions against botocore's own list of partitions: no region is missing, made up, or beside one of another partition."""

from __future__ import annotations

import botocore.session
import pytest

from drpolicy.catalog.load import built_in_catalog

CATALOG = built_in_catalog()
SESSION = botocore.session.Session()
CLASSIFIED = "aws-iso"
"""Partitions that begin like this are not for the public, and have no country here."""


def partitions() -> dict[str, str]:
    """Return the partition of every region."""
    endpoints = SESSION.get_data("endpoints")["partitions"]
    return {region: each["partition"] for each in endpoints for region in each["regions"] if not each["partition"].startswith(CLASSIFIED)}


@pytest.mark.parametrize("region", sorted(partitions()))
def test_a_region_has_a_country(region: str) -> None:
    assert region in CATALOG.countries


def test_no_region_is_made_up() -> None:
    assert set(CATALOG.countries) == set(partitions())


@pytest.mark.parametrize("region", sorted(partitions()))
def test_alternatives_of_a_region_are_in_its_partition(region: str) -> None:
    known = partitions()
    assert {known[each] for each in CATALOG.countries[region].regions} == {known[region]}
