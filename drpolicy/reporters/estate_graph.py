"""The estate as a graph, for Graphviz and for Mermaid: regions as boxes, stores in them, copies as arrows between them.

What stands beside its store (a point in time, a version) is a line in the store's own label; only what leads elsewhere, or
should, is an arrow. A store that nobody would miss is left out unless it holds a copy.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final, Literal

from drpolicy.model.patterns import deferred
from drpolicy.model.picture import Copy, CopyState, Picture, PicturedService, PicturedStore
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth
from drpolicy.reporters.printable import one_line
from drpolicy.reporters.sentences import had_back

NodeKind = Literal["service", "store", "copy", "cluster"]
State = Literal["safe", "lost", "open", "plain"]
"""Whether a store outlives its region: certainly, certainly not, perhaps, or nobody asks."""

_COLOURS: Final[dict[State, tuple[str, str]]] = {
    "safe": ("#1a7f37", "#eefbf1"),
    "lost": ("#cf222e", "#fff0ee"),
    "open": ("#9a6700", "#fff8e0"),
    "plain": ("#6e7781", "#f6f8fa"),
}
"""Border and fill, told apart in black and white by the border's style as well."""

_STYLES: Final[dict[State, str]] = {"safe": "solid", "lost": "bold", "open": "dashed", "plain": "solid"}
_ARROWS: Final[dict[CopyState, tuple[str, str]]] = {
    "works": ("#1a7f37", "solid"),
    "off": ("#cf222e", "dashed"),
    "not known": ("#9a6700", "dotted"),
}
_MARKS: Final[dict[CopyState, str]] = {"works": "", "off": "✗ ", "not known": "? "}


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its first line is its name."""

    id: str
    kind: NodeKind
    lines: tuple[str, ...]
    region: str
    state: State


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a service to its store, or from a store to its copy (``state`` is then set)."""

    start: str
    end: str
    label: str
    state: CopyState | None
    elsewhere: bool = False
    """Whether the copy outlives the region of its store."""


@dataclass(frozen=True, slots=True)
class Graph:
    """What both formats draw."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def graph_of(picture: Picture) -> Graph:
    """Return the graph of a picture."""
    holders = {copy.store for store in picture.stores for copy in store.copies if copy.store}
    drawn = [store for store in picture.stores if store.asked_for or store.services or store.key in holders]
    ids = {store.key: f"store{number}" for number, store in enumerate(drawn)}
    nodes = [Node(f"service{at}", "service", tuple(_service_lines(each)), "", "plain") for at, each in enumerate(picture.services)]
    nodes += [
        Node(f"cluster{at}", "cluster", (each.name, f"{each.role} cluster".strip()), each.region, "plain")
        for at, each in enumerate(picture.clusters)
    ]
    arrows = [
        Arrow(f"service{at}", ids[key], "", None) for at, service in enumerate(picture.services) for key in service.stores if key in ids
    ]
    several = len({store.deployment for store in drawn}) > 1
    copies: dict[tuple[str, str], str] = {}
    for store in drawn:
        nodes.append(Node(ids[store.key], "store", tuple(_store_lines(store, several)), store.region, _state(store)))
        for copy in _leading_elsewhere(store):
            end = ids.get(copy.store) or copies.setdefault((copy.region, copy.name), f"copy{len(copies)}")
            arrows.append(Arrow(ids[store.key], end, _arrow_label(copy), copy.state, copy.elsewhere))
    nodes += [Node(id, "copy", (name,), region, "plain") for (region, name), id in copies.items()]
    return Graph(tuple(nodes), tuple(dict.fromkeys(arrows)))


def _service_lines(service: PicturedService) -> Iterator[str]:
    yield service.name
    yield service.tier
    for disruption, rpo, rto in service.recovery:
        yield f"{disruption}: {had_back(rpo, rto)}"


def _store_lines(store: PicturedStore, several: bool) -> Iterator[str]:
    address = _MODULES.fullmatch(store.name)
    module, rest = (address[1], address[2]) if address is not None else ("", store.name)
    yield module.rstrip(".") or store.name
    yield rest if module else store.type
    if several:
        yield f"in {store.deployment}"
    for copy in store.copies:
        if not _leads_elsewhere(copy, store):
            yield _MARKS[copy.state] + ", ".join(
                each for each in (copy.name, copy.interval, f"kept {copy.kept}" if copy.kept else "") if each
            )
    if store.more:
        yield f"? {store.more}"


_MODULES: Final = deferred(r"""((?:module\.[\w-]+(?:\["(?:[^"\\]|\\.)*"\]|\[[^\]"]*\])?\.)*)(.*)""", re.DOTALL)
"""The modules of an address, and what it is in them: the one says more, the other is as long again."""


def _state(store: PicturedStore) -> State:
    if not store.asked_for:
        return "plain"
    if any(copy.elsewhere for copy in store.copies):
        return "safe"
    doubtful = any(copy.state == "not known" and _leads_elsewhere(copy, store) for copy in store.copies)
    maybe = store.more or store.presence is not Truth.TRUE or doubtful
    return "open" if maybe else "lost"


def _leads_elsewhere(copy: Copy, store: PicturedStore) -> bool:
    return bool(copy.store and copy.store != store.key) or copy.region != store.region


def _leading_elsewhere(store: PicturedStore) -> Iterator[Copy]:
    return (copy for copy in store.copies if _leads_elsewhere(copy, store))


def _ink(state: CopyState, elsewhere: bool) -> tuple[str, str]:
    """Return colour and style of an arrow. A copy that works and goes down with its store is no green one."""
    return ("#57606a", "solid") if state == "works" and not elsewhere else _ARROWS[state]


def _arrow_label(copy: Copy) -> str:
    words = [copy.name] if copy.store else []
    words += [each for each in (copy.interval, f"kept {copy.kept}" if copy.kept else "") if each]
    return _MARKS[copy.state] + ", ".join(words)


def graphviz(picture: Picture) -> bytes:
    """Return the graph in the DOT language."""
    graph = graph_of(picture)
    return ("\n".join(_dot(picture, graph)) + "\n").encode("utf-8", "replace")


def _dot(picture: Picture, graph: Graph) -> Iterator[str]:
    yield "digraph estate {"
    yield "  graph [rankdir=LR, compound=true, ranksep=1.4, nodesep=0.3, pad=0.3, bgcolor=white, fontname=Helvetica];"
    yield '  node [fontname=Helvetica, fontsize=11, shape=box, style="rounded,filled", margin="0.14,0.08"];'
    yield "  edge [fontname=Helvetica, fontsize=9, arrowsize=0.7];"
    for node in graph.nodes:
        if node.kind == "service":
            yield f"  {_dot_node(node)}"
    for number, region in enumerate(picture.regions):
        inside = [node for node in graph.nodes if node.kind != "service" and node.region == region]
        if not inside:
            continue
        yield f"  subgraph cluster_region{number} {{"
        yield f'    label="{_quoted(region)}"; labeljust=l; fontsize=13; style=rounded; color="#afb8c1"; fontcolor="#57606a"; margin=14;'
        for node in inside:
            yield f"    {_dot_node(node)}"
        yield "  }"
    yield from _side_by_side(picture, graph)
    for arrow in graph.arrows:
        if arrow.state is None:
            yield f'  {arrow.start} -> {arrow.end} [color="#8c959f", arrowhead=none];'
        else:
            colour, style = _ink(arrow.state, arrow.elsewhere)
            yield f'  {arrow.start} -> {arrow.end} [label="{_quoted(arrow.label)}", color="{colour}", fontcolor="{colour}", style={style}];'
    yield "}"


_COLUMN: Final = 6
"""As many stores stand below each other that no arrow holds in place."""


def _side_by_side(picture: Picture, graph: Graph) -> Iterator[str]:
    """Yield invisible arrows: without any, Graphviz puts all stores of a region into one column, however many there are."""
    held = {end for arrow in graph.arrows for end in (arrow.start, arrow.end)}
    for region in picture.regions:
        free = [node.id for node in graph.nodes if node.region == region and node.kind != "service" and node.id not in held]
        columns = min(4, -(-len(free) // _COLUMN))
        for at, id in enumerate(free):
            if (at + 1) % columns and at + 1 < len(free):
                yield f"  {id} -> {free[at + 1]} [style=invis];"


def _dot_node(node: Node) -> str:
    border, fill = _COLOURS[node.state]
    first, *rest = (html.escape(one_line(line)) for line in node.lines)
    smaller = "".join(f'<br align="left"/><font point-size="9" color="#57606a">{line}</font>' for line in rest if line)
    shape = {"service": "box", "store": "box", "copy": "note", "cluster": "component"}[node.kind]
    style = "filled" if node.kind in ("copy", "cluster") else f"rounded,filled,{_STYLES[node.state]}"
    label = f'<b>{first}</b>{smaller}<br align="left"/>' if rest else f"<b>{first}</b>"
    return f'{node.id} [label=<{label}>, shape={shape}, style="{style}", color="{border}", fillcolor="{fill}"];'


def _quoted(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def mermaid(picture: Picture) -> bytes:
    """Return the graph as a Mermaid flowchart, which GitHub and GitLab draw inside Markdown."""
    graph = graph_of(picture)
    return ("\n".join(_flowchart(picture, graph)) + "\n").encode("utf-8", "replace")


def _flowchart(picture: Picture, graph: Graph) -> Iterator[str]:
    yield "flowchart LR"
    for state, (border, fill) in _COLOURS.items():
        dashes = ",stroke-dasharray:5 3" if state == "open" else ""
        width = "3px" if state == "lost" else "1px"
        yield f"  classDef {state} stroke:{border},fill:{fill},color:#1f2328,stroke-width:{width}{dashes}"
    for node in graph.nodes:
        if node.kind == "service":
            yield f"  {_flow_node(node)}"
    for number, region in enumerate(picture.regions):
        inside = [node for node in graph.nodes if node.kind != "service" and node.region == region]
        if inside:
            yield f'  subgraph region{number}["{_entity(region)}"]'
            for node in inside:
                yield f"    {_flow_node(node)}"
            yield "  end"
    for at, arrow in enumerate(graph.arrows):
        if arrow.state is None:
            yield f"  {arrow.start} --- {arrow.end}"
            continue
        line = "-->" if arrow.state == "works" else "-.->"
        label = f'|"{_entity(arrow.label)}"|' if arrow.label else ""
        yield f"  {arrow.start} {line}{label} {arrow.end}"
        yield f"  linkStyle {at} stroke:{_ink(arrow.state, arrow.elsewhere)[0]}"


def _flow_node(node: Node) -> str:
    opening, closing = {"service": ("([", "])"), "store": ("[(", ")]"), "copy": ("[/", "/]"), "cluster": ("{{", "}}")}[node.kind]
    label = "<br/>".join(_entity(line) for line in node.lines if line)
    return f'{node.id}{opening}"{label}"{closing}:::{node.state}'


_UNSAFE: Final = deferred(r"[^\w .,:/*()✗?–-]")


def _entity(text: str) -> str:
    """Return text that Mermaid takes as it stands: everything that could mean something to it as an entity."""
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", one_line(text))
