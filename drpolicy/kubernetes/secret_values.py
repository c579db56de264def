"""Secrets without what is secret: keys stay, and of the values what says nothing to a thief.

That is AWS hosts, and the fact that credentials stand there which anybody who reads the files can use: an access key of AWS has 40
characters (IAM User Guide, "Manage access keys for IAM users", 2026-11), a private key its PEM header.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from drpolicy.kubernetes.hosts import hosts_in
from drpolicy.kubernetes.navigation import entries, inside, text
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Span
from drpolicy.model.values import Known, Object, Unknown, Value, members

IN_CLEAR: Final = "credentials in clear text"
"""What stands in the place of a value that anybody can use who reads it."""
PERHAPS_IN_CLEAR: Final = "credentials in clear text, or what stands in for them"
"""The same where it may be a placeholder: access keys of other services than AWS have no form of their own."""

_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_GIVEN: Final = deferred(r"aws_secret_access_key[\"']?[ \t]*+[=:][ \t]*+[\"']?(?P<key>[^\s\"']++)", re.IGNORECASE)
_KEY: Final = deferred(r"[A-Za-z0-9/+]{40}")
_PEM: Final = deferred(r"-----BEGIN (?:[A-Z]++ )?PRIVATE KEY-----(?:\\n|\s)*+[A-Za-z0-9/+]{40}")
_STANDS_IN: Final = deferred(r"[<{$%*\[(]|ENC\[|example|redacted|your|change|replace|placeholder|dummy|secret|access|todo", re.IGNORECASE)
_ENOUGH: Final = 10
"""Different characters in a key that somebody was given: fewer are what people type in the place of one."""


def without_secrets(attributes: Object, header: Span) -> Object:
    """Return a Secret's attributes without what is secret: keys stay, and of the values only what this module lets through."""
    fields = dict(attributes.fields)
    for name in ("data", "stringData"):
        held = fields.get(name)
        if isinstance(held, Known) and isinstance(held.value, Object):
            kept = {key: _kept(value, header, name == "stringData") for key, value in entries(held)}
            fields[name] = Known(Object(kept, held.value.rest), held.origin)
        elif isinstance(held, Unknown):
            fields[name] = _secret(held, header)
    annotations = inside(Known(attributes, Written(header)), "metadata", "annotations")
    if _APPLIED in dict(entries(annotations)):
        # kubectl repeats the values there.
        metadata = dict(entries(attributes.fields["metadata"]))
        metadata["annotations"] = Known(Object({k: v for k, v in entries(annotations) if k != _APPLIED}), annotations.origin)
        fields["metadata"] = Known(Object(metadata), attributes.fields["metadata"].origin)
    return Object(fields, attributes.rest)


def in_clear(value: Value[Any]) -> str:
    """Return what is to be said of credentials in a text, as it is or encoded: one of the two words above, or nothing."""
    written = text(value)
    if written is None:
        return ""
    for each in (written, _decoded(written)):
        if _PEM.search(each):
            return IN_CLEAR
        given = _GIVEN.search(each)
        if given is not None and not _STANDS_IN.search(given["key"]):
            real = _KEY.fullmatch(given["key"]) is not None and len(set(given["key"])) >= _ENOUGH
            return IN_CLEAR if real else PERHAPS_IN_CLEAR
    return ""


def _decoded(written: str) -> str:
    try:
        return base64.b64decode("".join(written.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _secret(value: Value[Any], header: Span) -> Unknown:
    return Unknown(Reason.OUTSIDE_SCOPE, f"secret value at {written_at(value.origin) or header}", value.origin)


def _kept(value: Value[Any], header: Span, readable: bool) -> Value[Any]:
    found = in_clear(value)
    if found:
        # The header's place: a report shows the line of what it speaks of.
        return Known(found, Written(header))
    hosts = [host for host, _ in hosts_in(value)] if readable else []
    if not hosts:
        return _secret(value, header)
    return hosts[0] if len(hosts) == 1 else Known(members(hosts), value.origin)
