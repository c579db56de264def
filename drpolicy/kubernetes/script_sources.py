"""The scripts that containers run: in ``command`` and ``args``, or in a ConfigMap that is mounted."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from drpolicy.kubernetes.kinds import namespace_of
from drpolicy.kubernetes.navigation import elements, entries, inside, strings, text
from drpolicy.kubernetes.scalar_text import ScalarText, scalar_text
from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_calls import SHELLS
from drpolicy.kubernetes.shell_status import Program, shell_options
from drpolicy.kubernetes.shell_tree import AndOr, Pipeline, Script, Sequence, Simple
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Value

SIZE_LIMIT = 256 * 1024
"""Characters of a script; a ConfigMap holds at most 1 MiB."""

ConfigMaps = Mapping[tuple[str, str, str], Resource]
"""ConfigMaps by cluster, namespace and name."""


@dataclass(frozen=True, slots=True, eq=False)
class ContainerScript:
    """What a container runs. ``interpreter`` is the shell that the command asks for, empty when it runs a program as such."""

    program: Program
    interpreter: str
    pieces: tuple[tuple[int, ScalarText], ...]

    def span(self, start: int, end: int) -> Span:
        """Return where characters of the script are written; what reaches into a second scalar ends with the first."""
        index = max(0, bisect_right([offset for offset, _ in self.pieces], start) - 1)
        offset, piece = self.pieces[index]
        return piece.span(start - offset, min(end - offset, len(piece.text)))


def container_script(resource: Resource, pod: Value[Any], container: Value[Any], maps: ConfigMaps) -> ContainerScript | None:
    """Return what a container runs; ``None`` when the image decides, when it cannot be found, or is over the limit."""
    words = [
        scalar for name in ("command", "args") for value in elements(inside(container, name)) if (scalar := scalar_text(strings(value)))
    ]
    if not words:
        return None
    entry = isinstance(inside(container, "command"), Absent)
    first = words[0].text.rpartition("/")[2]
    if first in SHELLS or (entry and words[0].text.startswith("-") and words[0].text.endswith("c")):
        return _shell_script(resource, pod, container, maps, words, first if first in SHELLS else "")
    mounted = None if entry else _mounted(resource, pod, container, maps, words[0].text)
    return _parsed(mounted, "", [], words[0].text) if mounted is not None else None if entry else _direct(words)


def _shell_script(
    resource: Resource, pod: Value[Any], container: Value[Any], maps: ConfigMaps, words: list[ScalarText], shell: str
) -> ContainerScript | None:
    options: list[str] = []
    at = 1 if shell else 0
    while at < len(words) and words[at].text[:1] in {"-", "+"} and words[at].text not in {"-", "--"}:
        option = words[at].text
        options.append(option)
        at += 1
        if option.endswith("o") and not option.startswith("--") and at < len(words):
            options.append(words[at].text)
            at += 1
    if at >= len(words):
        return None
    if any(option.startswith("-") and not option.startswith("--") and "c" in option for option in options):
        return _parsed(words[at], shell or "sh", options, "")
    mounted = _mounted(resource, pod, container, maps, words[at].text)
    return None if mounted is None else _parsed(mounted, shell or "sh", options, words[at].text)


def _parsed(scalar: ScalarText, shell: str, options: list[str], path: str) -> ContainerScript | None:
    if len(scalar.text) > SIZE_LIMIT:
        return None
    if path and not shell:
        # Run by itself, the first line names the interpreter.
        line = scalar.text.partition("\n")[0]
        named = line.removeprefix("#!").split() if line.startswith("#!") else ["/bin/sh"]
        if named and named[0].endswith("/env"):
            named = named[1:]
        shell, options = (named[0].rpartition("/")[2] if named else "sh"), named[1:]
        if shell not in SHELLS:
            return None
    switched = dict(shell_options(options))
    program = Program(parse_script(scalar.text), switched.get("errexit", False), switched.get("pipefail", False))
    return ContainerScript(program, shell, ((0, scalar),))


def _direct(words: list[ScalarText]) -> ContainerScript | None:
    """Return a program and its arguments as one command, of which nothing is expanded."""
    if sum(len(word.text) for word in words) > SIZE_LIMIT:
        return None
    pieces: list[tuple[int, ScalarText]] = []
    at = 0
    for word in words:
        pieces.append((at, word))
        at += len(word.text) + 1
    joined = " ".join(word.text for word in words)
    simple = Simple(0, len(joined), tuple(Word(scalar.text, start, start + len(scalar.text), True) for start, scalar in pieces))
    body = Sequence((AndOr((("", Pipeline((simple,), False)),), 0, len(joined)),))
    return ContainerScript(Program(Script(joined, body)), "", tuple(pieces))


def _mounted(resource: Resource, pod: Value[Any], container: Value[Any], maps: ConfigMaps, path: str) -> ScalarText | None:
    """Return the file of a ConfigMap that is mounted at a path."""
    for directory, volume, sub_path in mounts(container):
        name = text(inside(_volume(pod, volume), "configMap", "name"))
        held = maps.get((resource.deployment, namespace_of(resource), name)) if name is not None else None
        if held is None:
            continue
        key = sub_path if sub_path and path == directory else posixpath.relpath(path, directory) if path.startswith(directory + "/") else ""
        for item in elements(inside(_volume(pod, volume), "configMap", "items")):
            if text(inside(item, "path")) == key:
                key = text(inside(item, "key")) or key
        value = dict(entries(held.get("data"))).get(key)
        if value is not None:
            return scalar_text(value)
    return None


def mounts(container: Value[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the directory, the volume and the sub-path of each mount of a container."""
    for mount in elements(inside(container, "volumeMounts")):
        directory, volume = text(inside(mount, "mountPath")), text(inside(mount, "name"))
        if directory is not None and volume is not None:
            yield directory.rstrip("/") or "/", volume, text(inside(mount, "subPath")) or ""


def _volume(pod: Value[Any], name: str) -> Value[Any]:
    return next((each for each in elements(inside(pod, "volumes")) if text(inside(each, "name")) == name), Absent(pod.origin))


def kept_directories(pod: Value[Any], container: Value[Any]) -> tuple[str, ...]:
    """Return the directories whose files outlive the pod: mounts of claims and of network file systems."""
    lasting = ("persistentVolumeClaim", "nfs", "csi", "hostPath")
    return tuple(
        directory
        for directory, volume, _ in mounts(container)
        if any(not isinstance(inside(_volume(pod, volume), source), Absent) for source in lasting)
    )


def shares_directory(pod: Value[Any], container: Value[Any]) -> bool:
    """Whether another container of the pod may put programs where this one finds them."""
    initial = any(True for _ in elements(inside(pod, "initContainers")))
    volumes = [_volume(pod, volume) for _, volume, _ in mounts(container)]
    return initial and any(not isinstance(inside(volume, "emptyDir"), Absent) or _bare(volume) for volume in volumes)


def _bare(volume: Value[Any]) -> bool:
    # "emptyDir:" without a value is null, and an empty directory all the same.
    return "emptyDir" in dict(entries(volume))
