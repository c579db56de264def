from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drpolicy.sources import directories
from drpolicy.sources.directories import DirectoryTree
from drpolicy.sources.git import checked_out, find_repository_root, git_state
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.revisions import RevisionTree, open_revision
from drpolicy.sources.trees import MemoryTree, OverlayTree, Tree, normalised

FILES = {
    "main.tf": b"a",
    "envs/prod/main.tf": b"b",
    "envs-old/x.tf": b"c",
    "modules/db/main.tf": b"d",
    ".terraform/modules/modules.json": b"{}",
    ".terraform/modules/rds/main.tf": b"e",
    "node_modules/x/y.yaml": b"f",
    "envs/.venv/z.yaml": b"g",
}
LISTED = ("envs-old/x.tf", "envs/prod/main.tf", "main.tf", "modules/db/main.tf")


def write(root: Path) -> None:
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def git(root: Path, *arguments: str) -> None:
    config = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
    subprocess.run(["git", *config, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A", "-f")
    git(root, "commit", "-q", "-m", "x")


@pytest.fixture(params=["directory", "memory", "revision", "overlay"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    if request.param == "memory":
        return MemoryTree(FILES)
    if request.param == "overlay":
        half = dict(list(FILES.items())[:4])
        return OverlayTree(MemoryTree(half), MemoryTree(FILES))
    write(tmp_path)
    if request.param == "directory":
        return DirectoryTree(tmp_path)
    commit(tmp_path)
    found = open_revision(tmp_path, "HEAD")
    assert isinstance(found, RevisionTree)
    return found


def test_every_tree_lists_and_reads_the_same(tree: Tree) -> None:
    assert tree.list() == LISTED
    assert tree.list("envs") == ("envs/prod/main.tf",)
    assert tree.list("./envs/../modules/") == ("modules/db/main.tf",)
    assert tree.list(".terraform/modules") == (".terraform/modules/modules.json", ".terraform/modules/rds/main.tf")
    assert tree.list("nowhere") == tree.list("..") == ()
    assert tree.read("envs/../main.tf") == b"a"
    assert tree.read(".terraform/modules/modules.json") == b"{}"
    assert tree.exists("envs/prod") and tree.exists("") and tree.exists("main.tf") and not tree.exists("envs/none")
    assert tree.read("envs/none.tf") == Unreadable("envs/none.tf", "there is no such file")
    assert tree.read("envs") == Unreadable("envs", "it is a directory")
    assert tree.read("main.tf", limit=0) == Unreadable("main.tf", "the file has 1 bytes; the limit is 0", "file-too-large")
    assert tree.skipped() == ()


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "..", "a\0b"])
def test_no_tree_reads_outside_its_root(tree: Tree, path: str) -> None:
    found = tree.read(path)
    assert isinstance(found, Unreadable)
    assert found.reason == "the path leads outside the tree, so it was not opened"
    assert not tree.exists(path)


@given(st.text(alphabet="a./\\\0é", max_size=12))
def test_a_normalised_path_stays_inside(path: str) -> None:
    clean = normalised(path)
    assert clean is None or (clean == "" or (clean[0] != "/" and ".." not in clean.split("/") and "\0" not in clean))
    assert clean is None or normalised(clean) == clean


def links(root: Path) -> Path:
    outside = root / "outside"
    inside = root / "inside"
    outside.mkdir()
    (outside / "secret.tf").write_bytes(b"secret")
    (inside / "shared").mkdir(parents=True)
    (inside / "shared" / "provider.tf").write_bytes(b"p")
    (inside / "linked.tf").symlink_to("shared/provider.tf")
    (inside / "escape.tf").symlink_to("../outside/secret.tf")
    (inside / "absolute.tf").symlink_to(outside / "secret.tf")
    (inside / "away").symlink_to("../outside")
    (inside / "loop.tf").symlink_to("loop.tf")
    (inside / "again").symlink_to(".")
    (inside / "dangling.tf").symlink_to("nothing.tf")
    (inside / "here").symlink_to("shared")
    return inside


@pytest.mark.parametrize("kind", ["directory", "revision"])
def test_symbolic_links_are_followed_inside_the_root_only(tmp_path: Path, kind: str) -> None:
    root = links(tmp_path)
    tree: Tree = DirectoryTree(root)
    if kind == "revision":
        commit(root)
        found = open_revision(root, "HEAD")
        assert isinstance(found, RevisionTree)
        tree = found
    assert tree.list() == ("linked.tf", "shared/provider.tf")
    assert {"escape.tf", "absolute.tf", "away", "loop.tf"} <= {one.path for one in tree.skipped()}
    assert tree.read("linked.tf") == tree.read("here/provider.tf") == tree.read("again/again/linked.tf") == b"p"
    for path in ("escape.tf", "absolute.tf", "away/secret.tf"):
        assert tree.read(path) == Unreadable(path, "the path leads outside the tree, so it was not opened")
        assert not tree.exists(path)
    assert isinstance(tree.read("loop.tf"), Unreadable)
    assert isinstance(tree.read("dangling.tf"), Unreadable)
    assert not tree.exists("loop.tf") and not tree.exists("dangling.tf")


def test_a_linked_directory_is_listed_when_asked_for(tmp_path: Path) -> None:
    tree = DirectoryTree(links(tmp_path))
    assert tree.list("here") == ("here/provider.tf",)
    assert tree.list("away") == ()
    assert tree.skipped("away") == (Unreadable("away", "the path leads outside the tree, so it was not opened"),)


def test_what_is_no_regular_file_is_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tf")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.tf"))
        tree = DirectoryTree(tmp_path)
        assert tree.list() == ()
        assert tree.skipped() == (
            Unreadable("pipe.tf", "it is not a regular file"),
            Unreadable("socket.tf", "it is not a regular file"),
        )
        assert tree.read("pipe.tf") == Unreadable("pipe.tf", "it is not a regular file")
        assert tree.read("socket.tf") == Unreadable("socket.tf", "it is not a regular file")


def test_a_sparse_file_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.yaml").open("wb") as stream:
        stream.truncate(100_000_000)
    reason = "the file has 100,000,000 bytes; the limit is 8,388,608"
    assert DirectoryTree(tmp_path).read("big.yaml") == Unreadable("big.yaml", reason, "file-too-large")


def test_a_name_that_is_not_utf8_is_skipped_by_name(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff.tf")).write_bytes(b"")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    tree = DirectoryTree(tmp_path)
    assert tree.list() == ()
    assert tree.skipped() == (Unreadable("\\xff.tf", "its name is not UTF-8"),)
    commit(tmp_path)
    revision = open_revision(tmp_path, "HEAD")
    assert isinstance(revision, RevisionTree)
    assert revision.list() == () and revision.skipped() == tree.skipped()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every directory")
def test_an_unreadable_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert DirectoryTree(tmp_path).skipped() == (Unreadable("closed", "permission denied"),)


def test_a_missing_root_is_empty(tmp_path: Path) -> None:
    tree = DirectoryTree(tmp_path / "none")
    assert tree.list() == () and not tree.exists("x") and isinstance(tree.read("x"), Unreadable)


def test_an_overlay_hides_what_lies_below() -> None:
    tree = OverlayTree(MemoryTree({"a.tf": "new", "c/d.tf": ""}), MemoryTree({"a.tf": "old", "b.tf": "b"}))
    assert tree.list() == ("a.tf", "b.tf", "c/d.tf")
    assert tree.read("a.tf") == b"new" and tree.read("b.tf") == b"b"


def test_a_revision_keeps_what_was_committed(tmp_path: Path) -> None:
    write(tmp_path)
    commit(tmp_path)
    (tmp_path / "main.tf").write_bytes(b"changed")
    whole = open_revision(tmp_path, "HEAD")
    assert isinstance(whole, RevisionTree) and whole.read("main.tf") == b"a"
    below = open_revision(tmp_path / "envs", "HEAD")
    assert isinstance(below, RevisionTree)
    assert below.list() == ("prod/main.tf",) and below.read("prod/main.tf") == b"b"
    # What is too large is passed over, and the next answer is the right one.
    assert isinstance(below.read("prod/main.tf", limit=0), Unreadable) and below.read("prod/main.tf") == b"b"
    below.close()
    assert below.read("prod/main.tf") == Unreadable("prod/main.tf", "git ended while it was read")


@pytest.mark.parametrize("revision", ["nothing", "--all", "", "HEAD\0"])
def test_an_unknown_revision_is_no_tree(tmp_path: Path, revision: str) -> None:
    write(tmp_path)
    commit(tmp_path)
    assert isinstance(open_revision(tmp_path, revision), Unreadable)


def test_git_variables_of_a_hook_do_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    commit(tmp_path)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "none")
    below = open_revision(tmp_path / "envs", "HEAD")
    assert isinstance(below, RevisionTree) and below.list() == ("prod/main.tf",)


def test_git_state(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert git_state(tmp_path) is None
    write(tmp_path)
    commit(tmp_path)
    state = git_state(tmp_path)
    assert state is not None and len(state.commit) == 40 and not state.dirty
    (tmp_path / "new.tf").write_bytes(b"")
    assert git_state(tmp_path) == (state.commit, True)


def test_repository_root(tmp_path: Path) -> None:
    write(tmp_path)
    prod = (tmp_path / "envs" / "prod").resolve()
    assert find_repository_root(prod) == prod
    assert find_repository_root(prod / "main.tf") == prod
    assert find_repository_root(prod, tmp_path) == tmp_path.resolve()
    assert find_repository_root(prod, tmp_path / "modules") == prod
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    assert find_repository_root(prod / "main.tf", prod) == tmp_path.resolve()


def test_the_commit_is_read_without_git(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    assert checked_out(root) is None
    git(root, "init", "-q", "--initial-branch=main")
    assert checked_out(root) is None, "there is no commit yet"
    (root / "a").write_text("1\n")
    git(root, "add", "a")
    git(root, "commit", "-qm", "m")
    state = git_state(root)
    assert state is not None
    assert checked_out(root) == state.commit
    git(root, "worktree", "add", "-q", str(tmp_path / "other"))
    assert checked_out(tmp_path / "other") == state.commit
    git(root, "pack-refs", "--all")
    assert checked_out(root) == state.commit == checked_out(tmp_path / "other")
    git(root, "checkout", "-q", "--detach")
    assert checked_out(root) == state.commit
    (root / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    assert checked_out(root) is None, "refs in a form of their own are left to git"


def test_a_listing_has_an_end_and_says_what_it_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for directory in ("a", "b", "c", "d", "e"):
        for name in ("1", "2"):
            (tmp_path / directory / name).mkdir(parents=True)
            (tmp_path / directory / name / "main.tf").write_text("")
    monkeypatch.setattr(directories, "LISTING_LIMIT", 16)
    tree = DirectoryTree(tmp_path)
    listed = tree.list()
    assert len(listed) == 6
    (skipped,) = tree.skipped()
    assert (skipped.path, skipped.code) == (".", "tree-too-large")
    assert re.fullmatch(
        r"it has more than 16 files; [a-e], [a-e] were left out, so check the directories of your configuration", skipped.reason
    )
    monkeypatch.setattr(directories, "LISTING_LIMIT", 25)
    assert len(DirectoryTree(tmp_path).list()) == 10
    assert DirectoryTree(tmp_path).skipped() == ()
