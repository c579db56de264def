"""Charts of database operators: the configuration object that each renders from its values.

The Postgres Operator of Zalando (charts/postgres-operator 2.0.1: values.yaml, templates/operatorconfiguration.yaml and configmap.yaml, read
2026-11) gets the same settings whether its chart makes an OperatorConfiguration or a ConfigMap of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.channels.rendered_objects import object_of
from drpolicy.kubernetes.navigation import entries, inside
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value

_CHART: Final = "postgres-operator"
_SEARCH_DEPTH: Final = 3
_SECTIONS: Final[Mapping[str, str]] = {
    "aws_or_gcp": "configAwsOrGcp",
    "logical_backup": "configLogicalBackup",
    "kubernetes": "configKubernetes",
}
"""Section of the configuration → its key in the values."""
_MARKS: Final = frozenset({"configAwsOrGcp", "configLogicalBackup"})


def operator_configurations(release: Release) -> Iterator[Manifest]:
    """Yield what the Postgres Operator is configured with by a release of its chart, under whatever key its values stand."""
    for values in _values(release.values, _SEARCH_DEPTH) if release.chart != _CHART else (release.values,):
        place = written_at(values.origin) or release.span
        name: Value[str] = Known(_CHART, Written(release.span))
        fields = {"configuration": _configuration(release, values)}
        yield object_of(release, "acid.zalan.do/v1", "OperatorConfiguration", name, fields, {}, place, values, Truth.TRUE, None)


def _values(values: Value[Any], depth: int) -> Iterator[Value[Any]]:
    found = dict(entries(values))
    if _MARKS & found.keys():
        yield values
    elif depth:
        for each in found.values():
            yield from _values(each, depth - 1)


def _configuration(release: Release, values: Value[Any]) -> Value[Any]:
    if isinstance(values, Unknown):
        return values
    found = {section: inside(values, key) for section, key in _SECTIONS.items()}
    written = {section: each for section, each in found.items() if not isinstance(each, Absent)}
    # What partial values leave out may be given elsewhere.
    rest = Unknown(Reason.OUTSIDE_SCOPE, f"what else {release.what} is installed with", Written(release.span)) if release.partial else None
    return Known(Object(written, rest), values.origin)
