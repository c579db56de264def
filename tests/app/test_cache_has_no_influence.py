"""The cache changes how long a run takes and nothing else, whatever state it is in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import EXAMPLES

from drpolicy.app.check import assemble
from drpolicy.app.reading import read_tree
from drpolicy.app.remembered import remembered
from drpolicy.app.settings import Settings
from drpolicy.model.spans import Source
from drpolicy.reporters.formats import FORMATS, Options
from drpolicy.sources.trees import MemoryTree
from drpolicy.terraform.encoding import file_from_json

AS_OF = date(2026, 11, 1)
SETTINGS = Settings((Path(),), Path(), AS_OF)
FILES = {path.relative_to(EXAMPLES / "before").as_posix(): path.read_bytes() for path in (EXAMPLES / "before").rglob("*") if path.is_file()}
# A skeleton that is not shipped, so that there is something to learn of expressions.
RARE = (
    b'locals {\n  rare = 1 - 2 * 3 / 4 % 5 + 6 - 7\n}\n\nresource "aws_db_instance" "rare" {\n  backup_retention_period = local.rare\n}\n'
)
FILES["terraform/rare.tf"] = RARE


def report(files: dict[str, bytes], cache: Path | None) -> Any:
    found = read_tree(MemoryTree(files), memory=remembered(cache, Path("/repository")))
    rendered = FORMATS["json"].render(assemble(SETTINGS, found), Options(full=True))
    found.remembered.keep()
    return json.loads(rendered)


def stored(cache: Path) -> dict[str, Any]:
    return {path.name.partition("-")[0]: json.loads(path.read_text()) for path in cache.iterdir()}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("cache")
    report(FILES, cache)
    return cache


def test_what_is_learned_is_kept_by_content(warm: Path) -> None:
    kept = stored(warm)
    assert sorted(kept) == ["documents", "terraform"]
    assert len(kept["terraform"]["entries"]) == len([name for name in FILES if name.endswith(".tf")]) + 1
    assert list(kept["terraform"]["entries"]["shapes"]) == ["a - a * a / a % a + a - a"]


CHANGES = st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=12))


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(sorted(FILES)), st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=12)), max_size=3
    ),
    st.sets(st.sampled_from(sorted(FILES)), max_size=3),
)
def test_a_warm_cache_gives_the_same_report(warm: Path, changes: dict[str, tuple[int, int, bytes]], gone: set[str]) -> None:
    files = {name: content for name, content in FILES.items() if name not in gone}
    for name, (at, cut, piece) in changes.items():
        files[name] = FILES[name][:at] + piece + FILES[name][at + cut :]
    expected = report(files, None)
    assert report(files, warm) == expected
    assert report(files, warm) == expected


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(), inner),
)


def is_no_structure(entry: Any) -> bool:
    """Whether an entry cannot be that of a file: one that can, as that of an empty file, is believed."""
    try:
        file_from_json(entry, Source("", ""))
    except ValueError:
        return True
    return False


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANYTHING.filter(is_no_structure), min_size=1, max_size=20))
def test_entries_that_are_no_structure_are_not_believed(warm: Path, tmp_path_factory: pytest.TempPathFactory, junk: list[Any]) -> None:
    cache = tmp_path_factory.mktemp("spoilt")
    for path in warm.iterdir():
        content = json.loads(path.read_text())
        if path.name.startswith("terraform"):
            keys = [key for key in content["entries"] if key != "shapes"]
            content["entries"] |= {key: junk[at % len(junk)] for at, key in enumerate(keys)}
        (cache / path.name).write_text(json.dumps(content))
    assert report(FILES, cache) == report(FILES, None)


def test_a_warm_run_needs_neither_parser_nor_pydantic(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(EXAMPLES / "before", repository)
    (repository / "terraform" / "rare.tf").write_bytes(RARE)
    program = (
        "import sys\nfrom drpolicy.cli.main import run\n"
        "code = run(['check', '.', '--as-of', '2026-11-01', '--format', 'json'])\n"
        "print(code, sorted({'lark', 'hcl2', 'pydantic'} & set(sys.modules)), file=sys.stderr)\n"
    )

    def ran() -> tuple[str, str]:
        environment = {**os.environ, "DRPOLICY_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run([sys.executable, "-c", program], cwd=repository, env=environment, capture_output=True, text=True, check=True)
        return done.stdout, done.stderr.strip()

    cold, warm = ran(), ran()
    assert cold[1] == "1 ['lark', 'pydantic']"
    assert warm == (cold[0], "1 []")


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert report(FILES, tmp_path / "file") == report(FILES, None)
