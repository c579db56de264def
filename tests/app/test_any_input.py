"""No input makes it crash or hang: the example estates, cut up and put together again at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from repositories import AS_OF, EXAMPLES

from drpolicy.app.check import assemble
from drpolicy.app.lose import lose
from drpolicy.app.reading import read_tree
from drpolicy.app.settings import Settings
from drpolicy.cli.exit_codes import code_of
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.sources.trees import MemoryTree

ESTATES = {
    state: {path.relative_to(EXAMPLES / state).as_posix(): path.read_bytes() for path in (EXAMPLES / state).rglob("*") if path.is_file()}
    for state in ("before", "after")
}
SCHEMA = Draft202012Validator(json.loads((EXAMPLES.parent / "schemas" / "report.schema.json").read_text("utf-8")))
SETTINGS = Settings((Path(),), Path(), AS_OF)

# What parsers stumble over: openings without ends, escapes, anchors, document ends, numbers beyond any type, bytes that are no text.
PIECES = st.sampled_from(
    [
        b'"', b"'", b"{", b"}", b"[", b"]", b"(", b")", b"${", b"%{", b"<<EOF\n", b"<<-EOF", b"/*", b"*/", b"#", b"\\", b"\\u12",
        b"---\n", b"...\n", b"- ", b": ", b"? ", b"&a ", b"*a", b"<<: *a\n", b"!!binary ", b"|\n", b">-\n", b"\t", b"\n", b"\r", b"\n\n",
        b"null", b"true", b"[]", b"{}", b"-1", b"1e999", b"9" * 400, b".inf", b"0x", b"= ", b"== ", b" ? ", b"...", b"[*]", b".*.",
        b"for", b"each.value", b"count.index", b"var.x", b"local.x", b"dynamic", b"\0", b"\xff", b"\xed\xa0\x80", "\u202e한글".encode(),
    ]
)  # fmt: skip


@st.composite
def estates(draw: st.DrawFn) -> dict[str, bytes]:
    """Return the files of an example, a few of them with slices dropped, doubled, moved or replaced."""
    files = dict(ESTATES[draw(st.sampled_from(sorted(ESTATES)))])
    for name in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=3, unique=True)):
        text = files[name]
        for _ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 120)))
            piece = text[start:end]
            match draw(st.sampled_from(["drop", "double", "move", "replace", "insert"])):
                case "drop":
                    text = text[:start] + text[end:]
                case "double":
                    text = text[:end] + piece * draw(st.integers(1, 4)) + text[end:]
                case "move":
                    rest = text[:start] + text[end:]
                    at = draw(st.integers(0, len(rest)))
                    text = rest[:at] + piece + rest[at:]
                case "replace":
                    text = text[:start] + draw(PIECES) + text[end:]
                case _:
                    text = text[:start] + draw(PIECES) + text[start:]
        files[name] = text
    return files


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(estates(), st.integers(0, 3))
def test_a_damaged_estate_always_gives_a_whole_report(files: dict[str, bytes], chance: int) -> None:
    found = read_tree(MemoryTree(files))
    report = assemble(SETTINGS, found)
    assert code_of(report, require_subjects=False) in (0, 1, 2, 3)
    for span in [each.span for each in report.every()] + [each.span for each in report.diagnostics if each.span is not None]:
        lines = span.source.text.count("\n") + 1
        assert span.path in files
        assert (1, 1) <= span.start <= span.end
        assert span.end.line <= lines
    assert all(each.message.strip() and (each.span is not None or each.path) for each in report.diagnostics)
    assert FORMATS["text"].render(report, Options())
    document: Any = json.loads(FORMATS["json"].render(report, Options()))
    if chance == 0:
        # Validation and all formats take longer than everything else together.
        assert next(SCHEMA.iter_errors(document), None) is None
        assert all(format_.render(report, Options(full=True)) for format_ in FORMATS.values())
    assert len(document["findings"]) == len(list(report.every()))
    lost = lose("ap-northeast-2", SETTINGS, found)
    assert {each.name for each in lost.services} == {each.name for each in report.services}
