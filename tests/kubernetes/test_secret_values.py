"""Credentials in clear text are told from what stands in for them, and never shown."""

from __future__ import annotations

import base64

import pytest

from drpolicy.kubernetes.secret_values import IN_CLEAR, PERHAPS_IN_CLEAR, in_clear, without_secrets
from drpolicy.model.provenance import Written
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Known, Object

HERE = Span(Source("s.yaml", "a: b\n"), 0, 1)
KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzTQ09kLmn"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----"


def said(text: str) -> str:
    return in_clear(Known(text, Written(HERE)))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"[default]\naws_secret_access_key={KEY}\n", IN_CLEAR),
        (f"aws_secret_access_key = '{KEY}'", IN_CLEAR),
        (f'{{"AWS_SECRET_ACCESS_KEY": "{KEY}"}}', IN_CLEAR),
        (base64.b64encode(f"aws_secret_access_key={KEY}".encode()).decode(), IN_CLEAR),
        (PEM, IN_CLEAR),
        (PEM.replace("\n", "\\n"), IN_CLEAR),
        ("aws_secret_access_key=minio-k3y", PERHAPS_IN_CLEAR),
        (f"aws_secret_access_key={'x' * 40}", PERHAPS_IN_CLEAR),
        ("aws_secret_access_key=<REDACTED>", ""),
        ("aws_secret_access_key=${KEY}", ""),
        ('aws_secret_access_key = "{{ .KEY }}"', ""),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
        ("aws_secret_access_key=ENC[AES256_GCM,data:abc]", ""),
        ("aws_secret_access_key=", ""),
        ("-----BEGIN CERTIFICATE-----\nMIIEvQ", ""),
        (KEY, ""),
    ],
)
def test_a_text(text: str, word: str) -> None:
    assert said(text) == word


def test_nothing_of_a_secret_is_kept() -> None:
    held = Known(Object({"cloud": Known(f"aws_secret_access_key={KEY}", Written(HERE))}), Written(HERE))
    kept = without_secrets(Object({"stringData": held}), HERE)
    assert KEY not in repr(kept)
    assert IN_CLEAR in repr(kept)
