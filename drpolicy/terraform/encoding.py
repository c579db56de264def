"""The structure of a file as JSON, so that it can be kept by the file's content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drpolicy.model.records import maker
from drpolicy.model.spans import Source
from drpolicy.terraform.blocks import AttributeSyntax, BlockSyntax, Comment, FileSyntax, SyntaxProblem

_made_block = maker(BlockSyntax)
_made_attribute = maker(AttributeSyntax)


def file_to_json(file: FileSyntax) -> list[Any]:
    """Return everything but the source as lists, strings and numbers."""
    return [
        [_block(each) for each in file.blocks],
        _attributes(file.attributes),
        [number for each in file.comments for number in (each.start, each.end)],
        [[each.start, each.end, each.message] for each in file.problems],
    ]


def file_from_json(data: Any, source: Source) -> FileSyntax:
    """Return the structure that ``file_to_json`` wrote. Raises ValueError for anything else, as far as its shape tells."""
    try:
        blocks, attributes, comments, problems = data
        offsets = iter(comments)
        return FileSyntax(
            source,
            tuple(map(_decoded, blocks)),
            _decoded_attributes(attributes),
            tuple(map(Comment, offsets, offsets)),
            tuple(SyntaxProblem(*each) for each in problems),
        )
    except (TypeError, RecursionError) as error:
        raise ValueError("not the structure of a file") from error


def _block(block: BlockSyntax) -> list[Any]:
    return [
        block.type,
        list(block.labels),
        block.start,
        block.header_end,
        block.end,
        _attributes(block.attributes),
        [_block(each) for each in block.blocks],
    ]


def _attributes(attributes: Iterable[AttributeSyntax]) -> list[Any]:
    return [field for each in attributes for field in (each.name, each.start, each.value_start, each.value_end)]


def _decoded(data: Any) -> BlockSyntax:
    type_, labels, start, header_end, end, attributes, blocks = data
    return _made_block(type_, tuple(labels), start, header_end, end, _decoded_attributes(attributes), tuple(map(_decoded, blocks)))


def _decoded_attributes(data: Any) -> tuple[AttributeSyntax, ...]:
    fields = iter(data)
    return tuple(map(_made_attribute, fields, fields, fields, fields))
