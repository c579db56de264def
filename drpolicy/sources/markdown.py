"""The parts of a Markdown document that can be checked: front matter, headings, links, and blocks of commands.

A subset of CommonMark 0.31 (spec.commonmark.org, 2026-11), and GitHub's anchors. Anything is a document: nothing fails.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import unquote

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source, Span
from drpolicy.sources.trees import Tree

SHELL_LANGUAGES: Final = frozenset({"", "sh", "bash", "shell", "zsh", "console", "shell-session", "shellsession"})
"""What a fence says of commands; a fence that says nothing may hold them."""

_PAGES_OF_HOSTS: Final = frozenset({"issues", "pulls", "actions", "wiki", "releases", "discussions", "-"})
"""What GitHub and GitLab serve beside the files of a repository, reached by ``../../issues``."""

_FRONT_MATTER = deferred(r"\A---[ \t]*+\r?\n(.{0,4096}?)^---[ \t]*+$", re.MULTILINE | re.DOTALL)
_FIELD = deferred(r"^([A-Za-z][\w-]*+):[ \t]*+([^\r\n]*+)", re.MULTILINE)
_FENCE = deferred(r"^[ ]{0,3}(`{3,}+|~{3,}+)[ \t]*+([\w-]*+)[^\n`]*+$")
_INDENTED = deferred(r"^(?: {4}|\t)(.*)$")
_HEADING = deferred(r"^[ ]{0,3}#{1,6}[ \t]++(.*?)(?:[ \t]++#++)?[ \t]*+$")
_UNDERLINE = deferred(r"^[ ]{0,3}(?:=++|-++)[ \t]*+$")
_LABEL = deferred(r"^(?:[-*+][ \t]++)?(?:\*\*|__)?([^\W\d_][^:*_\n|`]{1,60}?)(?:\*\*|__)?:(?:\*\*|__)?(?:[ \t]|$)")
_ITEM = deferred(r"^[ ]{0,3}(?:[-*+]|\d{1,9}[.)])[ \t]")
_LINK = deferred(r"\]\([ \t]*+(?:<([^<>\n]*+)>|([^\s()<>]*+(?:\([^\s()]*+\)[^\s()]*+)*+))(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?[ \t]*+\)")
_DEFINITION = deferred(r"^[ ]{0,3}\[[^\]\n]++\]:[ \t]*+<?([^\s<>]++)>?", re.MULTILINE)
_ESCAPE = deferred(r"\\([!-/:-@\[-`{-~])")
_CODE_SPAN = deferred(r"(`++)(?!`)[^\n]*?(?<!`)\1(?!`)")
_ANCHOR = deferred(r"""\b(?:id|name)=["']?([^\s"'>]++)|\{#([^\s}]++)\}""")
_URL = deferred(r"https?://[^\s<>)\"'`\]]++")


class Heading(NamedTuple):
    """A heading, or the label that begins a paragraph (``Decision: …``), with what stands below it up to the next heading."""

    text: str
    span: Span
    label: bool


class Link(NamedTuple):
    """What a link leads to, as it is written; ``span`` is that text."""

    target: str
    span: Span


class CodeBlock(NamedTuple):
    """Lines of a fenced or indented block: characters of the source. ``language`` is what its fence says."""

    language: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Markdown:
    """A document and what was found in it, in the order of writing."""

    source: Source

    @cached_property
    def front_matter(self) -> Mapping[str, tuple[str, Span]]:
        """The fields of the front matter that are written on one line, each with the place of its value."""
        block = _FRONT_MATTER.match(self.source.text)
        found: dict[str, tuple[str, Span]] = {}
        for field in _FIELD.finditer(self.source.text, block.start(1), block.end(1)) if block is not None else ():
            value = re.split(r"[ \t]#", field[2], maxsplit=1)[0].strip()
            found.setdefault(field[1], (value.strip("\"'"), self.source.span(field.start(2), field.start(2) + len(value))))
        return found

    @cached_property
    def blocks(self) -> tuple[CodeBlock, ...]:
        """Fenced and indented blocks."""
        return tuple(self._structure[0])

    @cached_property
    def code_spans(self) -> tuple[tuple[int, int], ...]:
        """The characters of what stands between backquotes in the text."""
        found = _CODE_SPAN.finditer(self.prose)
        return tuple((match.start() + len(match[1]), match.end() - len(match[1])) for match in found)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """Headings, and the labels that paragraphs begin with."""
        return tuple(self._structure[1])

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links, images and link definitions; not those in code."""
        prose = _CODE_SPAN.sub(lambda code: " " * len(code[0]), self.prose)
        found = [(match[1] or match[2] or "", match.start(1) if match[1] else match.start(2)) for match in _LINK.finditer(prose)]
        found.extend((match[1], match.start(1)) for match in _DEFINITION.finditer(prose) if not match[0].lstrip().startswith("[^"))
        ordered = sorted(found, key=lambda each: each[1])
        return tuple(Link(_ESCAPE.sub(r"\1", target), self.source.span(at, at + len(target))) for target, at in ordered if target)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a fragment may name: the headings' anchors as GitHub forms them, and those written in HTML or attributes."""
        found: set[str] = set()
        times: Counter[str] = Counter()
        for heading in self.headings:
            if not heading.label:
                slug = re.sub(r"[^\w\- ]", "", re.sub(r"\{#[^\s}]++\}", "", heading.text).strip().lower()).replace(" ", "-")
                found.add(f"{slug}-{times[slug]}" if times[slug] else slug)
                times[slug] += 1
        found.update(match[1] or match[2] for match in _ANCHOR.finditer(self.source.text))
        return frozenset(found)

    @cached_property
    def prose(self) -> str:
        """The text with front matter and code blocks blanked: offsets stay what they are."""
        text = self.source.text
        block = _FRONT_MATTER.match(text)
        pieces = [(block.start(), block.end())] if block is not None else []
        pieces.extend((each.start, each.end) for each in self.blocks)
        out: list[str] = []
        at = 0
        for start, end in pieces:
            out.extend((text[at:start], re.sub(r"[^\n]", " ", text[start:end])))
            at = end
        return "".join((*out, text[at:]))

    def urls_below(self, heading: Heading) -> tuple[str, ...]:
        """Return the addresses that stand below a heading, up to the next one; of a label, those of its paragraph."""
        following = (each.span.offset for each in self.headings if each.span.offset > heading.span.offset and not each.label)
        end = next(following, len(self.source.text))
        if heading.label:
            blank = self.prose.find("\n\n", heading.span.offset)
            end = min(end, blank if blank >= 0 else end)
        return tuple(match[0] for match in _URL.finditer(self.prose, heading.span.offset, end))

    @cached_property
    def _structure(self) -> tuple[list[CodeBlock], list[Heading]]:
        blocks: list[CodeBlock] = []
        headings: list[Heading] = []
        fence, opened, language = "", 0, ""
        indented: tuple[int, int] | None = None
        before, listed = "", False
        for at, line in self._lines():
            if fence:
                close = _FENCE.match(line)
                if close is not None and close[1][0] == fence[0] and len(close[1]) >= len(fence) and not close[2]:
                    blocks.append(CodeBlock(language, opened, at))
                    fence = ""
                before = ""
                continue
            if _INDENTED.match(line) and not before.strip() and not listed:
                indented = (indented[0] if indented is not None else at, at + len(line))
                continue
            if indented is not None and line.strip():
                blocks.append(CodeBlock("", *indented))
                indented = None
            # What is indented below an item of a list belongs to the item.
            listed = _ITEM.match(line) is not None or (listed and (not line.strip() or line[:1] in " \t"))
            start = _FENCE.match(line.lstrip() if listed else line)
            if start is not None:
                fence, opened, language = start[1], at + len(line) + 1, start[2].lower()
            elif (heading := _HEADING.match(line)) is not None:
                headings.append(Heading(heading[1], self.source.span(at, at + len(line)), label=False))
            elif _UNDERLINE.match(line) and before.strip() and not _ITEM.match(before):
                begin = at - 1 - len(before)
                if headings and headings[-1].label and headings[-1].span.offset >= begin:
                    headings.pop()
                headings.append(Heading(before.strip(), self.source.span(begin, at - 1), label=False))
            elif not before.strip() and (label := _LABEL.match(line)) is not None:
                headings.append(Heading(label[1], self.source.span(at + label.start(1), at + label.end(1)), label=True))
            before = line
        if fence:
            blocks.append(CodeBlock(language, min(opened, len(self.source.text)), len(self.source.text)))
        elif indented is not None:
            blocks.append(CodeBlock("", *indented))
        return blocks, headings

    def _lines(self) -> Iterator[tuple[int, str]]:
        block = _FRONT_MATTER.match(self.source.text)
        at = block.end() if block is not None else 0
        for line in self.source.text[at:].split("\n"):
            yield at, line.rstrip("\r")
            at += len(line) + 1


def broken_links(document: Markdown, tree: Tree) -> Iterator[Link]:
    """Yield links to files of the tree, or to headings of the document, that are not there.

    What leaves the tree or has a scheme is somebody else's; so is what a template fills in. Headings of other documents are not read.
    """
    directory = posixpath.dirname(document.source.path)
    anchors = {each.lower() for each in document.anchors}
    for link in document.links:
        target, _, fragment = link.target.partition("#")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*+:|//|mailto", target) or any(mark in link.target for mark in ("{{", "${", "<", "{%")):
            continue
        path = unquote(target.partition("?")[0])
        if not path:
            if fragment and unquote(fragment).lower() not in anchors:
                yield link
            continue
        candidate = path.lstrip("/") if path.startswith("/") else posixpath.join(directory, path)
        clean = posixpath.normpath(candidate)
        # From the root, a page without a suffix is one of a site; and a host has pages of its own beside the files.
        site = path.startswith("/") and "." not in posixpath.basename(path)
        if site or path.startswith("~") or clean.partition("/")[0] in _PAGES_OF_HOSTS:
            continue
        if clean != ".." and not clean.startswith("../") and not tree.exists(clean):
            yield link
