"""The tables of Velero's versions are whole, in order, and say where they are from."""

from __future__ import annotations

import re

import pytest

from drpolicy.catalog.load import bundle
from drpolicy.catalog.velero import built_in_since, failure_metrics, installed_by_chart, listed_for, permissions, version_of

DATED = re.compile(r".+, 20\d\d-\d\d")


def test_every_table_has_a_source_with_a_date() -> None:
    assert sorted(each["id"] for each in bundle()["velero"]) == [
        "built-in-plugins", "chart-versions", "metrics", "permissions", "plugin-versions", "snapshot-locations",
    ]  # fmt: skip
    assert all(DATED.fullmatch(each["source"]) for each in bundle()["velero"])


def test_charts_are_in_order_and_so_is_what_they_install() -> None:
    rows = next(each for each in bundle()["velero"] if each["id"] == "chart-versions")["charts"]
    for name in ("from", "velero"):
        versions = [version_of(each[name]) for each in rows]
        assert None not in versions
        assert versions == sorted(versions, key=lambda each: each or (0, 0, 0))


@pytest.mark.parametrize(
    ("chart", "velero"),
    [("5.0.2", "1.11.1"), ("7.0.0", "1.14.0"), ("12.1.0", "1.18.1"), ("12.1.1", None), ("1.0.0", None)],
)
def test_a_chart_installs_a_version(chart: str, velero: str | None) -> None:
    version = version_of(chart)
    assert version is not None
    assert installed_by_chart(version) == velero


@pytest.mark.parametrize("text", ["latest", "main", "v1.2", "5.x", "~5.1.0", ">=1.0.0", "*", "", "1.2.3.4"])
def test_what_is_no_version(text: str) -> None:
    assert version_of(text) is None


def test_the_rest() -> None:
    assert version_of("v1.12.1-rc.1") == (1, 12, 1)
    assert listed_for("velero-plugin-for-aws", "1.1") == {"1.4", "1.5"}
    assert listed_for("velero-plugin-for-tape", "1.1") is None
    assert built_in_since("velero-plugin-for-csi") == (1, 14, 0)
    assert "s3:DeleteObject" in permissions("objects")
    assert "s3:DeleteObject" not in permissions("readOnlyObjects")
    assert "velero_backup_last_status" in failure_metrics()
