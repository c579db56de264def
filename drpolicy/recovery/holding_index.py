"""Stores by what a selection names them by, so that none is looked at that cannot be meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from drpolicy.model.values import Absent, Known, Object, Unknown, Value
from drpolicy.recovery.arns import Arn, Piece, arn_of, service_of
from drpolicy.recovery.conversions import converted
from drpolicy.recovery.holdings import Holding
from drpolicy.recovery.tags import tags_of


class HoldingIndex:
    """Stores by ARN, by service and by tag. Each index is made when it is first asked for."""

    __slots__ = ("_arns", "_by_arn", "_by_service", "_by_tag", "_nameless", "_open_tags", "all", "held", "types")

    def __init__(self, held: Mapping[str, Holding]) -> None:
        self.held = held
        self.all = tuple(held.values())
        self.types = frozenset(each.row.type for each in self.all)
        self._arns: dict[str, Arn] = {}
        self._by_arn: dict[tuple[str, str], list[Holding]] = {}
        self._nameless: dict[str, list[Holding]] = {}
        self._by_service: dict[str, list[Holding]] = {}
        self._by_tag: dict[tuple[str, str | None], list[Holding]] | None = None
        self._open_tags: list[Holding] = []

    def arn(self, holding: Holding) -> Arn:
        """Return the ARN of a store."""
        found = self._arns.get(holding.key)
        if found is None:
            found = self._arns[holding.key] = arn_of(holding.resource, holding.row)
        return found

    def named_by(self, value: Known[Any] | Unknown, pattern: tuple[tuple[Piece, ...], ...], deployment: str) -> Iterable[Holding]:
        """Return the stores that an ARN or a pattern may name. A value that is not known names none of another deployment."""
        if not self._by_service:
            self._index_names()
        service = service_of(pattern)
        found: Iterable[Holding] = self.all if service is None else self._by_service.get(service, ())
        if isinstance(value, Unknown):
            return (each for each in found if each.resource.deployment == deployment)
        if service is None or "*" in str(value.value):
            return found if str(value.value).startswith("arn:") or "*" in str(value.value) else ()
        name = ":".join("".join(str(piece) for piece in segment) for segment in pattern[5:])
        return chain(self._by_arn.get((service, name), ()), self._nameless.get(service, ()))

    def _index_names(self) -> None:
        services, arns, nameless = defaultdict(list), defaultdict(list), defaultdict(list)
        for each in self.all:
            service = each.row.arn_service
            services[service].append(each)
            name = next((value for value in map(each.resource.get, each.row.names) if isinstance(value, Known)), None)
            if name is None:
                nameless[service].append(each)
            else:
                arns[service, f"{each.row.arn_resource}{name.value}"].append(each)
        self._by_service, self._by_arn, self._nameless = services, arns, nameless

    def tagged(self, key: Value[Any], wanted: Value[Any]) -> Iterator[Holding]:
        """Yield the stores that carry a tag or may carry it, each once."""
        if self._by_tag is None:
            self._index_tags()
        assert self._by_tag is not None
        if isinstance(key, Unknown):
            yield from self.all
        elif isinstance(key, Known):
            name = str(key.value)
            text = converted(wanted, str, name)
            exact = (text.value,) if isinstance(text, Known) else sorted(value for tag, value in self._by_tag if tag == name and value)
            for value in (*exact, None):
                yield from self._by_tag.get((name, value), ())
            yield from self._open_tags

    def _index_tags(self) -> None:
        found: dict[tuple[str, str | None], list[Holding]] = defaultdict(list)
        for each in self.all:
            tags = tags_of(each.resource)
            if isinstance(tags, Absent):
                continue
            if not isinstance(tags, Known) or not isinstance(tags.value, Object) or tags.value.rest is not None:
                self._open_tags.append(each)
                continue
            for name, value in tags.value.fields.items():
                text = converted(value, str, name)
                if not isinstance(text, Absent):
                    found[name, text.value if isinstance(text, Known) and isinstance(text.value, str) else None].append(each)
        self._by_tag = found
