"""What code scanning asks of a SARIF 2.1.0 file, as a schema written for this project; and what the full profile adds.

Shapes follow OASIS SARIF 2.1.0 errata 01 (sections 3.13 to 3.58); what is required beyond it follows GitHub's "SARIF
support for code scanning" (2026-11): rule texts, full regions, fingerprints, no empty string, limits on lengths and counts.
"""

from __future__ import annotations

from typing import Any


def closed(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def text(limit: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit}


def several(items: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


SAID = closed({"text": text(1024)})
NUMBER = {"type": "integer", "minimum": 1}
LEVEL = {"enum": ["error", "warning", "note"]}
REGION = closed({"startLine": NUMBER, "startColumn": NUMBER, "endLine": NUMBER, "endColumn": NUMBER, "snippet": {"type": "object"}})
URI = {"type": "string", "pattern": r"^[A-Za-z0-9._~%/!$&'()*+,;=@-]+$"}
ARTIFACT = closed({"uri": URI, "uriBaseId": {"const": "%SRCROOT%"}})
PHYSICAL = closed({"artifactLocation": ARTIFACT, "region": REGION})
LOGICAL = closed({"name": text(1024), "fullyQualifiedName": text(2048), "kind": {"const": "resource"}})
STEP = closed({"location": closed({"physicalLocation": PHYSICAL, "message": SAID})})
RULE = closed(
    {
        "id": text(255),
        "name": text(255),
        "shortDescription": SAID,
        "fullDescription": SAID,
        "help": closed({"text": text(100_000), "markdown": text(100_000)}, ("markdown",)),
        "properties": closed({"precision": {"const": "very-high"}, "tags": several(text(255), maxItems=20)}),
    },
    ("name", "properties"),
)
RESULT = closed(
    {
        "ruleId": text(255),
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": SAID,
        "locations": several(
            closed({"physicalLocation": PHYSICAL, "logicalLocations": several(LOGICAL, minItems=1)}), minItems=1, maxItems=1
        ),
        "partialFingerprints": closed({"drpolicy/v1": text(1024)}),
        "relatedLocations": several(closed({"id": NUMBER, "physicalLocation": PHYSICAL, "message": SAID}), minItems=1, maxItems=100),
        "codeFlows": several(closed({"threadFlows": several(closed({"locations": several(STEP, minItems=1)}), minItems=1)}), minItems=1),
        "properties": {"type": "object"},
    },
    ("relatedLocations", "codeFlows"),
)
PLACE = closed({"physicalLocation": closed({"artifactLocation": ARTIFACT, "region": REGION}, ("region",))})
NOTIFICATION = closed(
    {"level": LEVEL, "descriptor": closed({"id": text(255)}), "message": SAID, "locations": several(PLACE, minItems=1)}, ("locations",)
)
RUN = closed(
    {
        "tool": closed({"driver": closed({"name": {"const": "drpolicy"}, "version": text(255), "rules": several(RULE, maxItems=25_000)})}),
        "automationDetails": closed({"id": {"const": "drpolicy/"}}),
        "columnKind": {"const": "unicodeCodePoints"},
        "originalUriBaseIds": closed({"%SRCROOT%": closed({"description": SAID})}),
        "invocations": several(closed({"executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": several(NOTIFICATION)})),
        "results": several(RESULT, maxItems=5_000),
        "properties": {"type": "object"},
    }
)
PROFILE = closed({"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": several(RUN, minItems=1, maxItems=1)})


def _full() -> dict[str, Any]:
    """Return the profile with results of every kind (sections 3.27.9, 3.27.10, 3.27.24 and 3.35), as many as there are."""
    suppression = closed(
        {
            "kind": {"enum": ["inSource", "external"]},
            "status": {"const": "accepted"},
            "justification": {"type": "string"},
            "location": closed({"physicalLocation": PHYSICAL}),
        },
        ("location",),
    )
    result = {
        **RESULT,
        "required": [*RESULT["required"], "kind"],
        "properties": {
            **RESULT["properties"],
            "kind": {"enum": ["fail", "open", "pass", "notApplicable"]},
            "level": {"enum": ["none", "error", "warning", "note"]},
            "suppressions": several(suppression, minItems=1),
            "baselineState": {"enum": ["new", "updated", "unchanged"]},
        },
        "if": {"properties": {"kind": {"const": "fail"}}},
        "then": {"properties": {"level": LEVEL}},
        "else": {"properties": {"level": {"const": "none"}}},
    }
    run = {**RUN, "properties": {**RUN["properties"], "results": several(result)}}
    return {**PROFILE, "properties": {**PROFILE["properties"], "runs": several(run, minItems=1, maxItems=1)}}


FULL = _full()
