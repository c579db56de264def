"""Whatever a repository names its things, a report stays what it is: text, a page, a table, a JSON document."""

from __future__ import annotations

import json
import unicodedata

import jsonschema
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import compared, hostile
from sarif_profile import PROFILE
from test_report_html import Outline

from drpolicy.reporters import html, markdown, sarif
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.reporters.text import render as render_text

MARKUP = ["<script>alert(1)</script>", "</style>", "</pre>", "</code>", "</title>", '"', "'", "&amp;", "<!--", "-->", "]]>", "{{ 7 * 7 }}"]
LINKS = ["[x](https://example.org)", "![x](y)", "](1)", "@team", "www.a.example", "{0}", "%0A", "::error::"]
BLOCKS = ["`", "```", "|", "\\", "\n", "\r\n", "\n\n# h", "\t", "- ", "1. ", "***", " ", "a" * 120]
CONTROLS = ["\x1b[31m", "\x1b]8;;https://example.org\x07", "\x00", "\x9b", "\u202e", "\u2066", "\u2028", "\ud800", "\ufeff"]
WIDE = ["한국어", "👩‍💻", "a\u0301"]
FRAGMENTS = st.sampled_from([*MARKUP, *LINKS, *BLOCKS, *CONTROLS, *WIDE])
HOSTILE = st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=6).map("".join)

PLAIN_TAGS = frozenset(tag for tag, _ in Outline(html.render(hostile("plain")).decode()).tags)
PLAIN_COUNT = len(Outline(html.render(hostile("plain")).decode()).tags)


@given(HOSTILE)
@example("<script>alert(1)</script>")
@settings(max_examples=60, deadline=None)
def test_a_page_gains_no_tag_and_no_attribute(text: str) -> None:
    page = html.render(hostile(text)).decode("utf-8")
    outline = Outline(page)
    assert outline.open == []
    assert {tag for tag, _ in outline.tags} <= PLAIN_TAGS
    # A blank name leaves out its snippet or its "or" branch; it never adds a tag.
    assert len(outline.tags) <= PLAIN_COUNT
    assert not any(name.startswith("on") or name in {"src", "href", "style"} for _, attributes in outline.tags for name in attributes)
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} and each != "\n" for each in page)


def test_a_page_shows_hostile_text_as_it_is() -> None:
    assert "<b>&amp;{{ 7 * 7 }}" in Outline(html.render(hostile("<b>&amp;{{ 7 * 7 }}")).decode()).text


@given(HOSTILE)
@example("[x](https://example.org)")
@example("| a |")
@settings(max_examples=60, deadline=None)
def test_markdown_gains_no_link_no_html_and_no_cell(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown.render(hostile(text)).decode("utf-8"))
    leaves = [child for token in tokens for child in (token, *(token.children or ()))]
    assert not any(
        leaf.type in {"link_open", "image", "html_inline", "s_open", "em_open", "hr", "blockquote_open", "code_block"} for leaf in leaves
    )
    assert [leaf.content.strip() for leaf in leaves if leaf.type == "html_block"] == [
        "<!-- drpolicy -->",
        *(
            part
            for title in ("1 in the baseline", "Scope", "Control evidence", "1 pass")
            for part in (f"<details>\n<summary>{title}</summary>", "</details>")
        ),
    ]
    assert [leaf.tag for leaf in leaves if leaf.type == "heading_open"] == ["h2", "h3", "h3", "h4", "h3", "h3", "h3"]
    rows = [index for index, token in enumerate(tokens) if token.type == "tr_open"]
    assert len(rows) == 1 + 2 + 1 + 2 + 1 + 1


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_sarif_stays_acceptable(text: str) -> None:
    log = json.loads(sarif.render(hostile(text)))
    assert [f"{error.json_path}: {error.message}" for error in jsonschema.Draft7Validator(PROFILE).iter_errors(log)] == []


@given(HOSTILE, st.booleans(), st.booleans(), st.integers(1, 160))
@example("\x1b[31m\u202e\ud800", True, True, 100)
@settings(max_examples=60, deadline=None)
def test_a_terminal_is_told_nothing(text: str, full: bool, unicode: bool, width: int) -> None:
    output = render_text(hostile(text), Options(full=full, unicode=unicode, width=width))
    output.encode("utf-8" if unicode else "ascii")
    assert not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} and each != "\n" for each in output)
    assert not any(each in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for each in output)


@given(HOSTILE)
@settings(max_examples=20, deadline=None)
def test_no_format_ever_fails(text: str) -> None:
    for each in FORMATS.values():
        assert each.render(hostile(text), Options(full=True, color=True, unicode=False, width=40))


@given(HOSTILE)
@example("| a |")
@settings(max_examples=30, deadline=None)
def test_a_change_gains_no_link_and_no_html_either(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table"]).parse(markdown.render(compared(hostile(text))).decode("utf-8"))
    leaves = [child for token in tokens for child in (token, *(token.children or ()))]
    assert not any(leaf.type in {"link_open", "image", "html_inline"} for leaf in leaves)
    heads = [index for index, token in enumerate(tokens) if token.type == "thead_open"]
    # The change, the services, the questions, the waivers: no name makes a table of its own or ends one.
    assert len(heads) == 4
    assert sum(token.type == "tr_open" for token in tokens) == 1 + 3 + 1 + 2 + 1 + 2 + 1 + 1
