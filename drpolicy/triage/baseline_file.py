"""The file of a baseline: JSON with one entry a line, sorted by fingerprint, made so that branches merge.

Every line but the first and the last two is one entry that ends in a comma, so that adding or removing one touches no
other line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from drpolicy.model.findings import SEVERITIES, Diagnostic
from drpolicy.model.spans import Source
from drpolicy.triage.baseline import STANDING, Baseline, Entry

NAME: Final = ".drpolicy-baseline.json"
"""The file that is used when nothing else is said."""

VERSION: Final = 1

_HEADER: Final = "drpolicy-baseline"
_VERDICTS: Final = {verdict.value: verdict for verdict in STANDING}


def written(baseline: Baseline) -> str:
    """Return the text of the file: equal baselines give equal text."""
    lines = [f"{json.dumps(name)}: {_entry(entry)},\n" for name, entry in sorted(baseline.entries.items())]
    header = json.dumps({"version": VERSION, "paths": list(baseline.paths)})
    return "{\n" + "".join(lines) + f"{json.dumps(_HEADER)}: {header}\n}}\n"


def _entry(entry: Entry) -> str:
    fields: dict[str, Any] = {
        "policy": entry.policy,
        "subject": entry.subject,
        "verdict": entry.verdict.value,
        "severity": entry.severity,
        "since": entry.since,
        "basis": entry.basis,
    }
    if entry.awaits:
        fields["awaits"] = list(entry.awaits)
    # A name may hold anything that a file name or an address can, a lone surrogate too: ASCII carries it.
    return json.dumps(fields)


def parsed(source: Source) -> Baseline | Diagnostic:
    """Read a baseline file; or say what is wrong with it, at its place. A file with an error covers nothing."""
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        conflict = "it holds a merge conflict" if "\n<<<<<<<" in source.text else f"it is not JSON: {error.msg}"
        return _invalid(source, conflict, min(error.pos, len(source.text)))
    except (ValueError, RecursionError):
        return _invalid(source, "it is not JSON of a baseline", 0)
    header = data.get(_HEADER) if isinstance(data, dict) else None
    if not isinstance(header, dict) or header.get("version") != VERSION:
        return _invalid(source, f"it is no baseline of version {VERSION}; drpolicy baseline create makes one", 0)
    paths = header.get("paths")
    if not isinstance(paths, list) or not all(isinstance(each, str) for each in paths):
        return _invalid(source, "its paths are no list of texts", source.text.rfind(_HEADER))
    entries: dict[str, Entry] = {}
    for name, fields in data.items():
        if name == _HEADER:
            continue
        entry = _parsed(name, fields)
        if entry is None:
            return _invalid(source, f"the entry {name!r} is not one that drpolicy wrote", max(source.text.find(json.dumps(name)), 0))
        entries[name] = entry
    return Baseline(entries, tuple(paths))


def _parsed(name: str, fields: object) -> Entry | None:
    if not isinstance(fields, Mapping):
        return None
    texts = [fields.get(each) for each in ("policy", "subject", "verdict", "severity", "since", "basis")]
    awaits = fields.get("awaits", [])
    if (
        not all(isinstance(each, str) for each in texts)
        or not isinstance(awaits, list)
        or not all(isinstance(each, str) for each in awaits)
    ):
        return None
    policy, subject, verdict, severity, since, basis = map(str, texts)
    level = next((each for each in SEVERITIES if each == severity), None)
    if verdict not in _VERDICTS or level is None:
        return None
    return Entry(name, basis, policy, subject, _VERDICTS[verdict], level, since, tuple(awaits))


def _invalid(source: Source, message: str, at: int) -> Diagnostic:
    at = max(0, min(at, len(source.text)))
    return Diagnostic("error", "baseline-invalid", f"the baseline covers nothing: {message}", source.span(at, at), source.path, "invalid")
