"""The Job of Velero's chart that deletes Velero's objects and their definitions when the release is uninstalled.

Chart velero 12.1.0 of vmware-tanzu/helm-charts: templates/cleanup-crds.yaml and values.yaml, where it is off (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.channels.velero_identity import fullname, given
from drpolicy.kubernetes.navigation import inside
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.truth import Truth
from drpolicy.model.values import Known, Object, Unknown, Value, members

_HOOK: Final = {"helm.sh/hook": "pre-delete"}
_COMMAND: Final = ("/bin/kubectl", "delete", "crd", "-l", "component=velero")


def cleanup(release: Release, values: Known[Any]) -> Iterator[Manifest]:
    """Yield the Job, where the values ask for it or may."""
    wanted = given(release, inside(values, "cleanUpCRDs"), "cleanUpCRDs")
    presence = truthy(wanted)
    if presence is Truth.FALSE:
        return
    place = written_at(wanted.origin) or release.span
    origin = Written(place)
    command = Known(members(Known(word, origin) for word in _COMMAND), origin)
    container: Value[Any] = Known(Object({"name": Known("kubectl", origin), "command": command}), origin)
    pod = Known(Object({"containers": Known(members([container]), origin)}), origin)
    spec = Known(Object({"template": Known(Object({"spec": pod}), origin)}), origin)
    hook = Known(Object({key: Known(value, origin) for key, value in _HOOK.items()}), origin)
    name = Known(f"{fullname(release, values)}-cleanup-crds", origin)
    why = wanted if isinstance(wanted, Unknown) else None
    yield object_of(release, "batch/v1", "Job", name, {"spec": spec}, {"annotations": hook}, place, wanted, presence, why)
