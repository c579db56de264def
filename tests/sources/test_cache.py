from __future__ import annotations

from pathlib import Path

import pytest

from drpolicy.sources import cache
from drpolicy.sources.cache import Cache, digest


def test_entries_come_back(tmp_path: Path) -> None:
    store = Cache(tmp_path / "new" / "dir", "1")
    entries = {digest(b"a"): {"x": [1, "é\ud800", None]}, digest("b"): []}
    assert store.save("blocks", entries)
    assert store.load("blocks") == entries
    assert store.load("other") == {}
    assert [path.name for path in (tmp_path / "new" / "dir").iterdir()] == ["blocks.json"]
    assert Cache(tmp_path / "new" / "dir", "2").load("blocks") == {}


def test_digest_is_of_the_content() -> None:
    assert digest("é") == digest("é".encode()) != digest("e")
    assert len(digest("")) == 32


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"version": "1", "entries": []}',
        b'{"version": "1"}',
        b"[" * 100_000,
        b'{"version":"1","entries":' + b"9" * 5000,
    ],
)
def test_a_corrupt_cache_is_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "blocks.json").write_bytes(content)
    assert Cache(tmp_path, "1").load("blocks") == {}


def test_what_cannot_be_written_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert not Cache(tmp_path / "file", "1").save("blocks", {})
    assert not Cache(None, "1").save("blocks", {}) and Cache(None, "1").load("blocks") == {}
    assert not Cache(tmp_path, "1").save("../blocks", {})
    assert not Cache(tmp_path, "1").save("blocks", {"a": object()})
    (tmp_path / "taken.json").mkdir()
    assert not Cache(tmp_path, "1").save("taken", {"a": 1}) and Cache(tmp_path, "1").load("taken") == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken.json"]


def test_the_size_is_bounded_and_the_first_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SIZE_LIMIT", 100)
    store = Cache(tmp_path, "1")
    assert store.save("blocks", {f"k{index}": "x" * 20 for index in range(10)})
    assert (tmp_path / "blocks.json").stat().st_size <= 100
    assert list(store.load("blocks")) == ["k8", "k9"]
