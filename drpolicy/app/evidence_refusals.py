"""What is wrong with new records, held against the repository that they are for: before they are written, not when they are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from drpolicy.app.check import estate_of
from drpolicy.app.configured import CONFIG_NAMES
from drpolicy.app.evidence import no_such_service, no_such_store
from drpolicy.app.reading import read
from drpolicy.app.settings import Settings
from drpolicy.declarations.documents import EvidenceDeclaration
from drpolicy.declarations.load import load_declarations
from drpolicy.model.records import replace
from drpolicy.model.spans import Source
from drpolicy.model.values import Known
from drpolicy.sources.yaml_documents import documents

EARLIEST_DAY: Final = timedelta(hours=14)
"""By how much the earliest place on earth is ahead of UTC (IANA time zone database, Pacific/Kiritimati, 2026-11)."""


def refusals(texts: Sequence[str], root: Path, cwd: Path, now: datetime) -> list[list[str]]:
    """Return what is wrong with each record: a day that has begun nowhere, an unknown service, a store that it does not claim.

    A repository in which no service is declared says nothing of them, nor does a directory that is no repository.
    """
    records = [record for text in texts for record in load_declarations(documents(Source("evidence", text))).evidence]
    found: dict[str, list[str]] = {each.name: list(_to_come(each, now)) for each in records}
    config = _nearest(cwd, root)
    if config is not None or (root / ".git").exists():
        for name, problem in _strange(records, Settings((root if config is None else config.parent,), cwd, now.date(), config=config)):
            found[name].append(problem)
    return [found[each.name] for each in records]


def _to_come(record: EvidenceDeclaration, now: datetime) -> Iterator[str]:
    if isinstance(record.date, Known) and record.date.value > (now + EARLIEST_DAY).date():
        yield f"{record.date.value.isoformat()} has not come yet: a record says what was done"


def _nearest(cwd: Path, root: Path) -> Path | None:
    """Return the configuration that a check of the working directory would use."""
    found = (here / name for here in (cwd, *cwd.parents) if here.is_relative_to(root) for name in CONFIG_NAMES)
    return next((path for path in found if path.is_file()), None)


def _strange(records: Iterable[EvidenceDeclaration], settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield names of records, each with what is wrong with the service or a store of it."""
    found = read(settings)
    names = [each.name for each in found.declarations.services]
    if not names:
        return
    yield from (
        (record.name, no_such_service(record.service.value, names))
        for record in records
        if isinstance(record.service, Known) and record.service.value not in names
    )
    declarations = replace(found.inputs.declarations, evidence=tuple(records))
    estate = estate_of(settings, replace(found, inputs=replace(found.inputs, declarations=declarations)))
    yield from ((each.record, no_such_store(each)) for each in estate.strangers)
