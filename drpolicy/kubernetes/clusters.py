"""Which cluster a manifest belongs to: declared, or inferred from where it stands, and then said so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from functools import lru_cache
from itertools import takewhile
from typing import Final

from drpolicy.kubernetes.velero import snapshot_location
from drpolicy.model.estate import Inference
from drpolicy.model.patterns import deferred
from drpolicy.model.provenance import Derived, Written, written_at
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource, TerraformRoot
from drpolicy.model.spans import Span
from drpolicy.model.values import Absent, Known, Unknown, Value

_ROLES: Final = {
    "primary": "primary",
    "main": "primary",
    "active": "primary",
    "dr": "dr",
    "standby": "dr",
    "secondary": "dr",
    "failover": "dr",
    "recovery": "dr",
}
# "disaster-recovery" is what a directory is about, "src/main" where Java keeps its sources, and a "main" beside these is no cluster.
_TOPICS: Final = frozenset({"disaster", "src"})
_EKS: Final = "aws_eks_cluster"
_WORDS = deferred(r"[-_.]")


@dataclass(frozen=True, slots=True)
class ClusterDeclaration:
    """A cluster as the configuration declares it: ``paths`` are globs, in which ``**`` crosses directories."""

    name: str
    region: Value[str]
    role: Value[str]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotRead:
    """Something that brings objects to a cluster which are not in the files as such, and why they are not read.

    ``kind`` is the kind of Velero's objects that there may be more of because of it; ``*`` for any, empty for none of Velero's.
    """

    what: str
    why: str
    span: Span
    kind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTree:
    """The manifests of one cluster.

    ``role`` is ``primary`` or ``dr``; ``path`` is empty for the whole tree or a declared cluster of several paths; ``span`` is the
    beginning of its first manifest. ``charts`` bring Velero to the cluster, with objects that are not in the files. ``declared``: the
    configuration says which files are its. ``told_by_snapshots``: its region is that of its own snapshot locations.
    """

    name: str
    path: str
    role: Value[str]
    region: Value[str]
    inferences: tuple[Inference, ...]
    span: Span
    charts: tuple[NotRead, ...] = ()
    beside: tuple[NotRead, ...] = ()
    """What else is not read: it brings no object of Velero's, and perhaps a ConfigMap that one names."""
    declared: bool = False
    """Whether the configuration says that it is a cluster; else the directories do."""
    told_by_snapshots: bool = False

    def opened(self, kind: str) -> NotRead | None:
        """Return what may bring more of a kind of Velero's objects to the cluster than the files show."""
        return next((each for each in self.charts if each.kind in {"*", kind}), None)

    def unread(self, kind: str) -> Unknown | None:
        """Why the cluster may have more of a kind of Velero's objects than the files show; ``None`` when it has what they show."""
        first = self.opened(kind)
        return None if first is None else Unknown(Reason.OUTSIDE_SCOPE, f"{kind} from {first.what}: {first.why}", Written(first.span))


@dataclass(frozen=True, slots=True)
class Assignment:
    """The cluster of a path. ``declared`` is the declaration; else ``directory`` and the role that its name tells are inferred."""

    name: str
    directory: str
    role: str | None = None
    declared: ClusterDeclaration | None = None


def assign(
    paths: Iterable[str], declarations: Sequence[ClusterDeclaration], directories: Mapping[str, str] | None = None
) -> dict[str, Assignment]:
    """Return the cluster of each path. The most specific glob wins; without one the directories decide.

    ``directories`` gives some paths a directory that is a cluster of its own and has its name: a Terraform deployment.
    """
    known = directories or {}
    found: dict[str, Assignment] = {}
    inferred: dict[str, tuple[str, str | None]] = {}
    for path in paths:
        declared = _declared(path, declarations)
        if declared is not None:
            found[path] = Assignment(declared.name, _directory_of(declared), None, declared)
        elif path in known:
            found[path] = Assignment(known[path], known[path], _role(known[path].rpartition("/")[2]))
        else:
            inferred[path] = _inferred(path)
    holders = {directory for directory, _ in inferred.values()}
    joined = {directory: _joined(directory, holders) for directory in holders}
    names: dict[str, set[str]] = {}
    for directory in set(joined.values()):
        names.setdefault(directory.rpartition("/")[2], set()).add(directory)
    taken = {*(declaration.name for declaration in declarations), *known.values()}
    for path, (directory, role) in inferred.items():
        home = joined[directory]
        name = home.rpartition("/")[2]
        unique = len(names[name]) == 1 and name not in taken
        found[path] = Assignment((name if unique else home) or "cluster", home, role)
    return found


def _directory_of(declaration: ClusterDeclaration) -> str:
    """Return the one directory that a declaration names, or nothing."""
    if len(declaration.paths) != 1:
        return ""
    steps = declaration.paths[0].removeprefix("./").strip("/").split("/")
    return "/".join(takewhile(lambda step: not any(character in step for character in "*?["), steps))


def _declared(path: str, declarations: Sequence[ClusterDeclaration]) -> ClusterDeclaration | None:
    best: tuple[int, ClusterDeclaration] | None = None
    for declaration in declarations:
        for glob in declaration.paths:
            if matches(glob, path):
                weight = len(glob.replace("*", ""))
                if best is None or weight > best[0]:
                    best = weight, declaration
    return None if best is None else best[1]


def matches(glob: str, path: str) -> bool:
    """Whether a path lies under a glob: ``**`` stands for any directories, ``*`` and ``?`` stay in one, a directory holds all below it.

    In time proportional to the product of the lengths.
    """
    pattern = [step for step in glob.removeprefix("./").strip("/").split("/") if step not in {"", "."}]
    steps = path.split("/")
    reach = {0}
    for step in pattern:
        if step == "**":
            reach = set(range(min(reach), len(steps) + 1)) if reach else set()
        else:
            compiled = _step(step)
            reach = {at + 1 for at in reach if at < len(steps) and compiled.match(steps[at])}
        if not reach:
            return False
    return True


@lru_cache(maxsize=1024)
def _step(step: str) -> re.Pattern[str]:
    return re.compile(translate(step))


def _role(name: str) -> str | None:
    """Return the role that a directory's name tells; ``None`` when it tells none, or both."""
    words = _WORDS.split(name.lower())
    roles = {_ROLES[word] for word in words if word in _ROLES}
    return roles.pop() if len(roles) == 1 and _TOPICS.isdisjoint(words) else None


def _inferred(path: str) -> tuple[str, str | None]:
    """Return the directory that stands for a cluster, and its role."""
    steps = path.split("/")[:-1]
    for holder in ("clusters", "overlays"):
        for index in range(len(steps) - 2, -1, -1):
            if steps[index] == holder:
                return "/".join(steps[: index + 2]), _role(steps[index + 1])
    for index in range(len(steps) - 1, -1, -1):
        parent = steps[index - 1] if index else ""
        role = None if parent == "src" else _role(steps[index])
        if role is not None:
            return "/".join(steps[: index + 1]), role
    return (steps[0] if steps else ""), None


def _joined(directory: str, directories: set[str]) -> str:
    """Return the directory of the cluster that a tree such as ``apps/dr`` belongs to, when there is ``clusters/dr`` beside it."""
    above, _, name = directory.rpartition("/")
    if not above:
        return directory
    beside = above.rpartition("/")[0]
    home = f"{beside}/clusters/{name}" if beside else f"clusters/{name}"
    return home if home in directories else directory


def cluster_tree(assignment: Assignment, resources: Sequence[Resource], span: Span, root: TerraformRoot | None = None) -> ClusterTree:
    """Return what is known of a cluster from its declaration, its manifests, and the Terraform deployment that applies them."""
    inferences: list[Inference] = []
    name, declared = assignment.name, assignment.declared
    region = declared.region if declared is not None else Absent(Derived("not declared", (), span))
    role = declared.role if declared is not None else Absent(Derived("not declared", (), span))
    if declared is None:
        where = f"the manifests under {assignment.directory}" if assignment.directory else "the manifests"
        inferences.append(Inference(f"{where} are taken as one cluster, {name}", span))
    if isinstance(role, Absent):
        if assignment.role is not None:
            directory = assignment.directory.rpartition("/")[2]
            role = Known(assignment.role, Derived(f"inferred from the directory name {directory}", (), span))
            inferences.append(Inference(f"cluster {name} is taken as {assignment.role}, from the directory name {directory}", span))
        else:
            role = Unknown(Reason.OUTSIDE_SCOPE, f"cluster:{name}.role", Derived("no directory name tells the role", (), span))
    by_snapshots = False
    if isinstance(region, Absent):
        made = _region_of_eks(name, root)
        by_snapshots = made is None or isinstance(made[0], Unknown)
        region, told = _region(name, resources, span) if made is None or by_snapshots else made
        if isinstance(region, Unknown) and root is not None and region.reason is not Reason.AMBIGUOUS:
            region, told = made or _region_of_provider(name, root, region)
            by_snapshots = False
        inferences.extend(told)
    return ClusterTree(
        name, assignment.directory, role, region, tuple(inferences), span, declared=declared is not None, told_by_snapshots=by_snapshots
    )


def _region(name: str, resources: Sequence[Resource], span: Span) -> tuple[Value[str], tuple[Inference, ...]]:
    """Return the region of the snapshot locations: Velero can only snapshot volumes of the location's own region (docs, locations)."""
    symbol = f"cluster:{name}.region"
    told: dict[str, Known[str]] = {}
    inferences: list[Inference] = []
    for resource in resources:
        location = snapshot_location(resource)
        if location is None or not isinstance(location.provider, Known) or location.provider.value != "aws":
            continue
        if isinstance(location.region, Known) and location.region.value not in told:
            how = f"inferred from the region of VolumeSnapshotLocation {resource.name}"
            told[location.region.value] = Known(location.region.value, Derived(how, (location.region.origin,)))
            inferences.append(Inference(f"cluster {name} is in {location.region.value}, {how}", written_at(location.region.origin) or span))
    if not told:
        return Unknown(Reason.OUTSIDE_SCOPE, symbol, Derived("no manifest of the cluster tells its region", (), span)), ()
    if len(told) > 1:
        origin = Derived("snapshot locations in several regions", tuple(known.origin for known in told.values()))
        return Unknown(Reason.AMBIGUOUS, symbol, origin, among=tuple(told.values())), ()
    return next(iter(told.values())), tuple(inferences)


def _region_of_eks(name: str, root: TerraformRoot | None) -> tuple[Value[str], tuple[Inference, ...]] | None:
    """Return the region of the one EKS cluster of a Terraform deployment; ``None`` where there is none, or several."""
    clusters = [each for each in root.resources if each.type == _EKS and not each.data] if root is not None else []
    if len(clusters) != 1 or isinstance(clusters[0].region, Absent):
        return None
    return _made(name, clusters[0].region, f"{clusters[0].address} is made in the same deployment", clusters[0].span)


def _region_of_provider(name: str, root: TerraformRoot, otherwise: Unknown) -> tuple[Value[str], tuple[Inference, ...]]:
    """Return the region of a Terraform deployment's default AWS provider."""
    provider = next((each for each in root.providers if each.name == "aws"), None)
    if provider is None or isinstance(provider.region, Absent):
        return otherwise, ()
    return _made(name, provider.region, "its deployment's AWS provider is there", provider.span)


def _made(name: str, region: Value[str], how: str, span: Span) -> tuple[Value[str], tuple[Inference, ...]]:
    if not isinstance(region, Known):
        return region, ()
    return Known(region.value, Derived(f"inferred: {how}", (region.origin,))), (
        Inference(f"cluster {name} is in {region.value}: {how}", span),
    )
