"""Where waivers are written: beside the code, in annotations, and in the register."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from drpolicy.app.reading import Read
from drpolicy.declarations.configuration import load_waiver_register
from drpolicy.declarations.documents import WaiverEntry
from drpolicy.declarations.waivers import ANNOTATION, InlineWaiver, parse_annotation, parse_comment
from drpolicy.model.durations import Duration
from drpolicy.model.findings import SEVERITIES, Diagnostic, Severity
from drpolicy.model.provenance import written_at
from drpolicy.model.spans import Source, Span
from drpolicy.model.values import Known
from drpolicy.sources.reading import read_source
from drpolicy.terraform.blocks import BlockSyntax
from drpolicy.triage.waivers import Waiver

_MARK = "drpolicy:"


def waivers_of(found: Read) -> tuple[list[Waiver], list[Diagnostic]]:
    """Return every waiver that was written, and what is wrong with any."""
    waivers: list[Waiver] = []
    diagnostics: list[Diagnostic] = []
    for item in (*_terraform(found), *_manifests(found), *_register(found)):
        (waivers if isinstance(item, Waiver) else diagnostics).append(item)  # type: ignore[arg-type]  # told apart just here
    return waivers, diagnostics


def limits_of(found: Read) -> dict[Severity, Duration]:
    """Return how long waivers may run, by severity, as the configuration has it."""
    limits = found.configuration.waiver_limits if found.configuration is not None else {}
    return {name: each.value for name in SEVERITIES if isinstance(each := limits.get(name), Known)}


def _inline(parsed: InlineWaiver | Diagnostic | None, extent: Span) -> Iterator[Waiver | Diagnostic]:
    match parsed:
        case None:
            return
        case Diagnostic():
            yield parsed
        case InlineWaiver(policies=policies, until=until, reason=reason, owner=owner):
            for policy, span in policies:
                yield Waiver(policy, "", reason, until, owner or "", False, span, extent=extent)


def _terraform(found: Read) -> Iterator[Waiver | Diagnostic]:
    for syntax in sorted(found.terraform.files, key=lambda file: file.source.path):
        source = syntax.source
        for comment in syntax.comments if _MARK in source.text else ():
            span = source.span(comment.start, comment.end)
            yield from _inline(parse_comment(span.text, span), _extent(source, syntax.blocks, comment.start, comment.end))


def _extent(source: Source, blocks: tuple[BlockSyntax, ...], start: int, end: int) -> Span:
    """Return the block that a comment stands in, directly above, or behind on the same line; else its own line."""
    for block in blocks:
        between = source.text[end : block.start]
        if block.start <= start < block.end or (end <= block.start and not between.strip() and between.count("\n") <= 1):
            return source.span(block.start, block.end)
    return source.span(start, end)


def _manifests(found: Read) -> Iterator[Waiver | Diagnostic]:
    for path in found.discovery.yaml:
        source = found.sources.read(path)
        if not isinstance(source, Source) or (_MARK not in source.text and ANNOTATION not in source.text):
            continue
        from drpolicy.sources.yaml_comments import comments

        extents = [each.extent for each in found.manifests.resources if each.extent.path == path]
        for span in comments(source):
            extent = next((each for each in extents if each.offset <= span.offset < each.end_offset), span)
            yield from _inline(parse_comment(span.text, span), extent)
    for resource in found.manifests.resources:
        annotation = resource.get("metadata", "annotations", ANNOTATION)
        place = written_at(annotation.origin)
        if isinstance(annotation, Known) and place is not None:
            yield from _inline(parse_annotation(str(annotation.value), place), resource.extent)


def _register(found: Read) -> Iterator[Waiver | Diagnostic]:
    if found.configuration is None:
        return
    yield from _entries(found.configuration.waivers)
    for register in found.configuration.registers:
        if not isinstance(register, Known):
            continue
        path = posixpath.normpath(posixpath.join(found.base, register.value))
        source = read_source(found.tree, path)
        if not isinstance(source, Source):
            yield Diagnostic("error", "waiver-register", source.message, written_at(register.origin), path, "invalid")
            continue
        from drpolicy.sources.yaml_documents import documents

        for document in documents(source):
            entries, diagnostics = load_waiver_register(document, found.remembered.documents)
            yield from diagnostics
            yield from _entries(entries)


def _entries(entries: tuple[WaiverEntry, ...]) -> Iterator[Waiver]:
    for entry in entries:
        if isinstance(entry.policy, Known) and isinstance(entry.until, Known) and isinstance(entry.reason, Known):
            formal = all(isinstance(each, Known) for each in (entry.owner, entry.approver, entry.ticket))
            owner = entry.owner.value if isinstance(entry.owner, Known) else ""
            subject = entry.subject.value if isinstance(entry.subject, Known) else "*"
            approver, ticket = (each.value if isinstance(each, Known) else "" for each in (entry.approver, entry.ticket))
            yield Waiver(entry.policy.value, subject, entry.reason.value, entry.until.value, owner, formal, entry.span, approver, ticket)
