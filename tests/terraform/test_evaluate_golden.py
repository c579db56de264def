"""Every function, operator and form of syntax against what ``terraform console`` answered (``golden/answers.json``)."""

from __future__ import annotations

import pytest
from console_answers import answers, disagreement
from golden_corpus import EXCLUDED, corpus

ROWS = [row for row in corpus() if row.expression not in EXCLUDED]
SECTIONS = sorted({(row.file, row.section) for row in ROWS})


def test_the_answers_are_those_of_the_corpus() -> None:
    assert [row.expression for row in corpus()] == list(answers())
    assert set(EXCLUDED) <= set(answers())


@pytest.mark.parametrize(("file", "section"), SECTIONS, ids=[f"{file}: {section}" for file, section in SECTIONS])
def test_agrees_with_terraform(file: str, section: str) -> None:
    rows = [row.expression for row in ROWS if (row.file, row.section) == (file, section)]
    differing = {each: difference for each in rows if (difference := disagreement(each, answers()[each])) is not None}
    assert differing == {}
