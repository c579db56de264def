"""What Velero's chart gives its server to be let in by the cloud: the service account, and the Secret with credentials.

Chart velero 12.1.0 of vmware-tanzu/helm-charts: _helpers.tpl, secret.yaml, serviceaccount-server.yaml, deployment.yaml (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drpolicy.kubernetes.channels.interface import Release
from drpolicy.kubernetes.channels.rendered_objects import object_of, truthy
from drpolicy.kubernetes.navigation import entries, inside, strings, text
from drpolicy.kubernetes.objects import Manifest
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Object, Unknown, Value, members
from drpolicy.sources.documents import KeyedObject


def fullname(release: Release, values: Value[Any]) -> str:
    """Return the name that the chart begins the names of its objects with."""
    override = text(inside(values, "fullnameOverride"))
    if override:
        return override[:63].removesuffix("-")
    name = text(inside(values, "nameOverride")) or "velero"
    return (release.name if name in release.name else f"{release.name}-{name}")[:63].removesuffix("-")


def identity(release: Release, values: Known[Any]) -> Iterator[Manifest]:
    """Yield the service account of the server, and the Secret that the chart makes of credentials in its values."""
    account = inside(values, "serviceAccount", "server")
    created = inside(account, "create")
    presence = Truth.TRUE if isinstance(created, Absent) else truthy(created)
    if presence is not Truth.FALSE:
        annotations = given(release, inside(account, "annotations"), "serviceAccount.server.annotations")
        place = written_at(annotations.origin) or release.span
        why = created if isinstance(created, Unknown) else None
        yield object_of(
            release, "v1", "ServiceAccount", account_of(release, values), {}, {"annotations": annotations}, place, account, presence, why
        )
    credentials = inside(values, "credentials")
    contents = inside(credentials, "secretContents")
    presence = _uses_secret(credentials) & ~truthy(inside(credentials, "existingSecret")) & truthy(contents)
    if presence is not Truth.FALSE:
        unknown = next((each for each in (credentials, contents) if isinstance(each, Unknown)), None)
        name, place = _secret_name(release, values), _apart(contents, release.span)
        yield object_of(release, "v1", "Secret", name, {"stringData": contents}, {}, place, contents, presence, unknown)


def given(release: Release, value: Value[Any], what: str) -> Value[Any]:
    """Return a value of the chart; what partial values leave out may be given elsewhere."""
    if isinstance(value, Absent) and release.partial:
        return Unknown(Reason.OUTSIDE_SCOPE, f"{what} of {release.what}", Written(release.span))
    return value


def account_of(release: Release, values: Value[Any]) -> Known[str]:
    """Return the name of the server's service account."""
    account = inside(values, "serviceAccount", "server")
    name, created = text(inside(account, "name")), inside(account, "create")
    default = "default" if truthy(created) is Truth.FALSE and not isinstance(created, Absent) else f"{fullname(release, values)}-server"
    return Known(name or default, Written(release.span))


def pod_of(release: Release, values: Value[Any]) -> tuple[dict[str, Value[Any]], dict[str, Value[Any]]]:
    """Return the fields that let the server in, of its pod and of its container."""
    credentials = inside(values, "credentials")
    origin = Written(release.span)
    pod: dict[str, Value[Any]] = {"serviceAccountName": account_of(release, values)}
    container: dict[str, Value[Any]] = {}
    uses = _uses_secret(credentials)
    if uses is Truth.TRUE:
        secret = Known(Object({"secretName": _secret_name(release, values)}), origin)
        volume = Known(Object({"name": Known("cloud-credentials", origin), "secret": secret}), origin)
        pod["volumes"] = Known(members([volume]), origin)
    elif uses is Truth.UNKNOWN:
        pod["volumes"] = Unknown(Reason.OUTSIDE_SCOPE, f"credentials.useSecret of {release.what}", credentials.origin)
    extra = strings(inside(credentials, "extraSecretRef"))
    if truthy(extra) is not Truth.FALSE:
        reference = Known(Object({"secretRef": Known(Object({"name": extra}), extra.origin)}), extra.origin)
        container["envFrom"] = Known(members([reference]), extra.origin)
    return pod, container


def _uses_secret(credentials: Value[Any]) -> Truth:
    used = inside(credentials, "useSecret")
    return Truth.TRUE if isinstance(used, Absent) else truthy(used)


def _secret_name(release: Release, values: Value[Any]) -> Value[str]:
    credentials = inside(values, "credentials")
    for key in ("existingSecret", "name"):
        name = strings(inside(credentials, key))
        if truthy(name) is not Truth.FALSE:
            return name
    return Known(fullname(release, values), Written(release.span))


def _apart(contents: Value[Any], otherwise: Span) -> Span:
    """Return the place of the key of what is secret, where it is on a line of its own: a report shows that line."""
    keys = contents.value.keys if isinstance(contents, Known) and isinstance(contents.value, KeyedObject) else {}
    for name, value in entries(contents):
        key, written = keys.get(name), written_at(value.origin)
        if key is not None and written is not None and written.source is key.source and "\n" in written.text and len(key.text) < 200:
            line = key.source.line(key.start.line)
            if line.rstrip().endswith(("|", "|-", "|+", ">", ">-")):
                return key
    return otherwise
