"""What is found in a Markdown document, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.model.spans import Source
from drpolicy.sources.markdown import Markdown, broken_links
from drpolicy.sources.trees import MemoryTree

TEXT = """\
---
service: orders   # which
lastReviewed: "2026-10-20"
---
# orders: fail over

Decision and authority: the incident commander.

Setext
------

    aws s3 ls s3://one

- an item

      not a block of its own

```sh
aws s3 ls s3://two  # [no link](here.md)
```

See [the network](network.md "title"), ![a picture](<my picture.png>) and [rota][r].

[r]: https://rota.example.com/orders
"""


def document(text: str = TEXT) -> Markdown:
    return Markdown(Source("docs/orders.md", text))


def test_front_matter_has_places():
    found = {name: (value, str(span), span.text) for name, (value, span) in document().front_matter.items()}
    assert found == {
        "service": ("orders", "docs/orders.md:2:10", "orders"),
        "lastReviewed": ("2026-10-20", "docs/orders.md:3:15", '"2026-10-20"'),
    }


def test_headings_and_labels():
    found = [(each.text, each.label, each.span.start.line) for each in document().headings]
    assert found == [("orders: fail over", False, 5), ("Decision and authority", True, 7), ("Setext", False, 9)]


def test_blocks_are_indented_or_fenced():
    found = document()
    assert [(each.language, TEXT[each.start : each.end].strip()) for each in found.blocks] == [
        ("", "aws s3 ls s3://one"),
        ("sh", "aws s3 ls s3://two  # [no link](here.md)"),
    ]


def test_links_outside_code():
    assert [(each.target, each.span.text) for each in document().links] == [
        (target, target) for target in ("network.md", "my picture.png", "https://rota.example.com/orders")
    ]


@pytest.mark.parametrize(
    ("link", "broken"),
    [
        ("network.md", False),
        ("gone.md", True),
        ("/docs/network.md", False),
        ("network.md#anything", False),
        ("my%20file.md", False),
        ("../../issues", False),
        ("https://example.com/gone.md", False),
        ("mailto:somebody@example.com", False),
        ("{{ base }}/gone.md", False),
        ("#fail-back", False),
        ("#failback", True),
        ("sub/", False),
        ("#explicit", False),
        (r"#fail\-back", False),
        ("/features/caching", False),
        ("/docs/gone.md", True),
        ("../issues?q=is%3Aopen", False),
        ("~/notes.md", False),
    ],
)
def test_broken_links(link: str, broken: bool):
    tree = MemoryTree({"docs/network.md": "", "docs/my file.md": "", "docs/sub/x.md": ""})
    found = document(f'[text]({link})\n\n<a id="explicit"></a>\n\n## Fail back!\n')
    assert [each.target for each in broken_links(found, tree)] == ([link] if broken else [])


def test_the_second_of_two_equal_headings_has_a_number():
    assert document("# A b\n\n## A b\n").anchors == {"a-b", "a-b-1"}


@given(st.text(alphabet=st.sampled_from("#-=`~[]()<>: \n\tab*{}|"), max_size=200))
def test_anything_is_a_document(text: str):
    found = document(text)
    assert len(found.prose) == len(text)
    for each in (*found.headings, *found.links):
        assert 0 <= each.span.offset <= each.span.end_offset <= len(text)
    for block in found.blocks:
        assert 0 <= block.start <= block.end <= len(text)
    assert found.anchors is not None
    assert len(found.code_spans) >= 0
