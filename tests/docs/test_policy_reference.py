"""drpolicy policy docs, and the page on conditions in docs/."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from drpolicy.app.conditions_page import EXAMPLES, conditions_page
from drpolicy.app.policy_reference import MARK, NotWritten, pages, write_pages
from drpolicy.cel import Program, compile_expression, fields_of, record_type
from drpolicy.cel.types import BOOL
from drpolicy.model.estate import SUBJECTS
from drpolicy.model.stores import Store
from drpolicy.policy.builtin import built_in_policies

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "conditions.md"


def test_the_page_in_docs_is_current() -> None:
    assert PAGE.read_text("utf-8") == MARK + conditions_page(), "refresh it: python tests/docs/refresh.py"


@pytest.mark.parametrize("text", [text for text, _ in EXAMPLES])
def test_every_example_of_the_page_compiles(text: str) -> None:
    assert isinstance(compile_expression(text, {"self": record_type(Store)}, BOOL), Program)


def test_every_field_of_every_subject_is_on_the_page() -> None:
    text = conditions_page()
    for name, (cls, _) in SUBJECTS.items():
        section = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(fields_of(cls)), name


def test_every_link_on_the_page_leads_to_a_heading() -> None:
    text = conditions_page()
    headings = {each.lower() for each in re.findall(r"^#+ (\w+)$", text, re.MULTILINE)}
    links = set(re.findall(r"\]\(#(\w+)\)", text))
    assert {"claim", "protection", "recovery"} <= links
    assert links - headings == set()


def test_what_is_said_of_fields_is_what_the_model_says() -> None:
    text = conditions_page()
    assert "| `kind` | string | `backup` (points in time), `replica` (live copy) or `versions` (history beside the data). |" in text
    assert "| `versioned` | bool | *optional.* |" in text
    assert "| `requiredBy` | list([Claim](#claim)) |  |" in text


def test_a_reference_has_an_index_a_page_for_each_policy_and_the_conditions() -> None:
    documents = built_in_policies()
    made = dict(pages(documents))
    assert list(made) == ["index.md", *(f"{each.id}.md" for each in documents), "conditions.md"]
    linked = re.findall(r"\]\(([\w.-]+)\)", made["index.md"])
    assert sorted(linked) == sorted(name for name in made if name != "index.md")
    assert made["no-copy-outside-region.md"].startswith(f"{MARK}# no-copy-outside-region\n")


def test_what_is_somebody_elses_is_not_overwritten(tmp_path: Path) -> None:
    documents = built_in_policies()[:2]
    assert write_pages(documents, tmp_path / "new") == 4
    assert write_pages(documents, tmp_path / "new") == 4, "its own pages are"
    (tmp_path / "index.md").write_text("mine\n")
    with pytest.raises(NotWritten, match=r"index\.md is not one of ours: name another directory"):
        write_pages(documents, tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["index.md"]


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "drpolicy", "policy", "docs", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'out'}: {len(built_in_policies()) + 2} pages, to begin with index.md\n"
