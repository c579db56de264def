"""The comments of a YAML source. PyYAML drops them; they are every ``#`` that no scalar holds."""

from __future__ import annotations

import re
from bisect import bisect_right

import yaml
from yaml.events import ScalarEvent

from drpolicy.model.patterns import deferred
from drpolicy.model.spans import Source, Span
from drpolicy.sources.yaml_documents import chunks, events
from drpolicy.sources.yaml_nodes import PROPERTIES

_COMMENT = deferred(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*+", re.MULTILINE)


def comments(source: Source, containing: str = "drpolicy:") -> tuple[Span, ...]:
    """Return the comments that contain a text, in order, each from ``#`` to the end of its line.

    A source without the text costs one search. In a document that is not YAML, what follows the error counts as outside scalars.
    """
    text = source.text
    if "#" not in text or containing not in text:
        return ()
    starts, ends = _scalars(text)
    found = []
    at = 0
    while (match := _COMMENT.search(text, at)) is not None:
        index = bisect_right(starts, match.start()) - 1
        if index >= 0 and match.start() < ends[index]:
            # A "#" of the scalar; a comment may still follow on the line where the scalar ends.
            at = ends[index]
            continue
        at = match.end()
        if containing in match[0]:
            found.append(source.span(match.start(), match.end()))
    return tuple(found)


def _scalars(text: str) -> tuple[list[int], list[int]]:
    """Return the starts and ends of the scalars; a block scalar starts below its header, which may end in a comment."""
    starts, ends = [], []
    for first, last in chunks(text):
        chunk = text[first:last]
        if "#" not in chunk:
            continue
        try:
            for event in events(chunk):
                if not isinstance(event, ScalarEvent) or event.start_mark is None or event.end_mark is None:
                    continue
                start, end = event.start_mark.index, event.end_mark.index
                if event.style in {"|", ">"}:
                    end = start + len(chunk[start:end].rstrip())
                    below = chunk.find("\n", start, end)
                    start = below if below >= 0 else end
                elif event.anchor is not None or event.tag is not None:
                    # A comment may stand between a tag and its scalar.
                    properties = PROPERTIES.match(chunk, start, end)
                    start = properties.end() if properties is not None else start
                starts.append(first + start)
                ends.append(first + end)
        except (yaml.YAMLError, UnicodeError):
            continue
    return starts, ends
