"""YAML as plain data and back, for what evaluates it rather than reports on it: no positions, one document.

Decoding resolves scalars with a function of the caller; encoding gives the text that libyaml's emitter gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from drpolicy.model.patterns import deferred
from drpolicy.sources.documents import DEPTH_LIMIT
from drpolicy.sources.yaml_documents import events

SIZE_LIMIT = 50_000
"""Nodes in a document, with what its aliases stand for."""

_BEYOND = deferred("[\U00010000-\U0010ffff]")
_TAG = "tag:yaml.org,2002:"


class NotPlain(ValueError):
    """The text is not one YAML document of plain data."""


class TooMuch(Exception):
    """The document is larger or deeper than is read."""


def decoded(text: str, scalar: Callable[[str, bool, str | None], Any]) -> Any:
    """Return the data of a text. ``scalar`` gets a scalar's text, whether it is plain, and its tag.

    Raises NotPlain and TooMuch; later keys win, and ``<<`` merges.
    """
    try:
        found = _Decoder(events(text), scalar).document()
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlain(str(error)) from error
    return found


class _Decoder:
    def __init__(self, stream: Iterator[Any], scalar: Callable[[str, bool, str | None], Any]) -> None:
        self._stream = stream
        self._scalar = scalar
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        kinds = iter(self._stream)
        for event in kinds:
            if type(event) is DocumentStartEvent:
                if event.version is not None and event.version != (1, 1):
                    raise NotPlain("the YAML version is not 1.1")
                found = self._node(next(kinds), 0)
                next(kinds)
                if type(next(kinds)) is not StreamEndEvent:
                    raise NotPlain("there is more than one document")
                return found
        raise NotPlain("there is no document")

    def _node(self, event: Any, depth: int) -> Any:
        self._grow(1)
        if depth > DEPTH_LIMIT:
            raise TooMuch
        kind = type(event)
        if kind is AliasEvent:
            if event.anchor not in self._anchors:
                raise NotPlain("an alias has no anchor before it")
            value, size = self._anchors[event.anchor]
            self._grow(size)
            return value
        before = self._count
        value = self._value(event, kind, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._count - before
        return value

    def _grow(self, by: int) -> None:
        self._count += by
        if self._count > SIZE_LIMIT:
            raise TooMuch

    def _value(self, event: Any, kind: type, depth: int) -> Any:
        if kind is ScalarEvent:
            return self._scalar(event.value, not event.style, event.tag)
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            raise NotPlain("a tag is not supported")
        if kind is SequenceStartEvent:
            items = []
            while type(event := next(self._stream)) is not SequenceEndEvent:
                items.append(self._node(event, depth + 1))
            return items
        return self._mapping(depth)

    def _mapping(self, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while type(event := next(self._stream)) is not MappingEndEvent:
            if type(event) is not ScalarEvent:
                raise NotPlain("a key is no scalar")
            merges = event.value == "<<" and not event.style
            if not merges and self._scalar(event.value, not event.style, event.tag) is None:
                raise NotPlain("a key is null")
            value = self._node(next(self._stream), depth + 1)
            if not merges:
                fields[event.value] = value
                continue
            for each in value if isinstance(value, list) else [value]:
                if not isinstance(each, dict):
                    raise NotPlain("only mappings can be merged")
                merged = {**each, **merged}
        return {**merged, **fields}


def encoded(data: Any, scalar: Callable[[Any], str]) -> str:
    """Return data as YAML: strings quoted or, with several lines, literal; keys in order. ``scalar`` writes what is no string."""
    stream = [StreamStartEvent(), DocumentStartEvent(explicit=False), *_events(data, scalar), DocumentEndEvent(explicit=False)]
    text: str = yaml.emit([*stream, StreamEndEvent()], Dumper=_Emitter, allow_unicode=True, width=80)
    text = text.removeprefix("--- ")
    return text.removesuffix("...\n") if isinstance(data, str) else text


class _Emitter(yaml.SafeDumper):
    """PyYAML's emitter, with long quoted strings broken as libyaml breaks them: at a single space, which the line end stands for."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        self.write_indicator('"', True)
        spaces = False
        for at, char in enumerate(text):
            if char == " " and split and not spaces and self.column > self.best_width and 0 < at < len(text) - 1:
                self.write_indent()
                if text[at + 1] == " ":
                    self._put("\\")
                spaces = True
                continue
            spaces = char == " "
            self._put(_escaped(char))
        self.write_indicator('"', False)

    def _put(self, piece: str) -> None:
        self.column += len(piece)
        self.stream.write(piece)


def _escaped(char: str) -> str:
    code = ord(char)
    if char in yaml.emitter.Emitter.ESCAPE_REPLACEMENTS:
        return "\\" + yaml.emitter.Emitter.ESCAPE_REPLACEMENTS[char]
    if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or (0xE000 <= code <= 0xFFFD and code != 0xFEFF):
        return char
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _events(data: Any, scalar: Callable[[Any], str]) -> Iterator[Event]:
    match data:
        case dict():
            yield MappingStartEvent(None, None, True, flow_style=not data)
            for name in sorted(data):
                yield from _events(name, scalar)
                yield from _events(data[name], scalar)
            yield MappingEndEvent()
        case list():
            yield SequenceStartEvent(None, None, True, flow_style=not data)
            for each in data:
                yield from _events(each, scalar)
            yield SequenceEndEvent()
        case str():
            literal = "\n" in data and not _BEYOND.search(data)
            yield ScalarEvent(None, None, (False, True), data, style="|" if literal else '"')
        case _:
            yield ScalarEvent(None, None, (True, False), scalar(data), style="")
