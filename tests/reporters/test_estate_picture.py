"""The estate's picture in every format: whatever a repository names its things, a graph stays a graph."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_escaping import HOSTILE

from drpolicy.model.durations import UNBOUNDED, Duration
from drpolicy.model.picture import NOWHERE, Copy, Picture, PicturedCluster, PicturedService, PicturedStore
from drpolicy.model.ranges import Range
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.reporters.estate_graph import graph_of, graphviz, mermaid
from drpolicy.reporters.estate_json import render_estate_json
from drpolicy.reporters.estate_text import render_estate
from drpolicy.reporters.formats import Options

SPAN = Source("main.tf", "a = 1\n").span(0, 5)
GONE = Range(UNBOUNDED, UNBOUNDED, "nothing")
FIVE = Range(Duration(300), Duration(300), "every 5m")


def copy(name: str = "replica", region: str = "b", store: str = "", state: str = "works", survives: tuple[str, ...] = ("region",)) -> Copy:
    return Copy(name, "replica", region, store, state, "every 5m", "7d", survives, SPAN)  # type: ignore[arg-type] # literals from tests


def store(key: str, *copies: Copy, region: str = "a", data_class: str = "system-of-record", more: str = "") -> PicturedStore:
    recovery = (("corruption", FIVE, FIVE), ("region", GONE, GONE))
    return PicturedStore(
        key, key, key, "aws_db_instance", "database", "root", region, data_class, Truth.TRUE, (), copies, more, recovery, SPAN
    )


def picture(*stores: PicturedStore, services: tuple[PicturedService, ...] = ()) -> Picture:
    regions = tuple(dict.fromkeys(each for one in stores for each in (one.region, *(copy.region for copy in one.copies))))
    return Picture("2026-11-01", regions, services, stores, (PicturedCluster("shop", "a", "primary"),))


def test_a_store_is_safe_lost_open_or_nobodys() -> None:
    stores = (
        store("safe", copy()),
        store("lost", copy(region="a", survives=())),
        store("open", copy(state="not known", survives=())),
        store("perhaps", more="module backup: module not on disk"),
        store("copied", data_class="copy"),
    )
    drawn = {node.lines[0]: node.state for node in graph_of(picture(*stores)).nodes if node.kind == "store"}
    assert drawn == {"safe": "safe", "lost": "lost", "open": "open", "perhaps": "open"}


def test_a_copy_that_is_a_store_is_an_arrow_between_two_stores() -> None:
    graph = graph_of(picture(store("one", copy(store="two")), store("two", region="b", data_class="replica")))
    assert [node.lines[0] for node in graph.nodes] == ["shop", "one", "two"]
    assert [(arrow.start, arrow.end, arrow.label) for arrow in graph.arrows] == [("store0", "store1", "replica, every 5m, kept 7d")]


def test_a_copy_that_goes_down_with_its_store_is_not_drawn_green() -> None:
    drawn = graphviz(picture(store("one", copy(region="a", store="two", survives=())), store("two", data_class="copy"))).decode()
    assert 'color="#57606a", fontcolor="#57606a", style=solid' in drawn


def test_the_text_says_what_stands_where() -> None:
    services = (PicturedService("orders", "critical", ("one",), ("login",), (("region", GONE, GONE),)),)
    text = render_estate(picture(store("one", copy()), store("two", region=NOWHERE), services=services), Options())
    assert text == (
        "services\n"
        "  orders  critical: one · needs login\n"
        "\n"
        "a  1 store\n"
        "  shop  primary cluster\n"
        "  one  aws_db_instance\n"
        "      ✓ replica → b  every 5m, kept 7d\n"
        "      corruption: loses the last 5m, back in 5m\n"
        "      region: nothing comes back\n"
        "\n"
        "region not known  1 store\n"
        "  two  aws_db_instance\n"
        "      ✗ nothing protects it\n"
        "      corruption: loses the last 5m, back in 5m\n"
        "      region: nothing comes back\n"
        "\n"
        "2 stores in 2 regions; of 2 that somebody would miss, 1 outlive their region\n"
    )


DOT_LINE = re.compile(
    r'digraph estate \{|\}|  (?:graph|node|edge) \[[^\[\]]*\];|  subgraph cluster_region\d+ \{|  \}|    label="(?:[^"\\]|\\.)*"; [^<>]*;'
    r"| {2,4}\w+ \[label=<(?:[^<>]|</?(?:b|font|br)(?: [^<>]*)?/?>)*>, [^<>]*\];"
    r'|  \w+ -> \w+ \[(?:label="(?:[^"\\]|\\.)*", )?[^"\\]*(?:"[^"\\]*"[^"\\]*)*\];'
)
FLOW_LINE = re.compile(
    r"flowchart LR|  classDef [^\"]*|  subgraph region\d+\[\"[\w .,:/*()✗?–#;-]*\"\]|  end|  linkStyle \d+ stroke:#[0-9a-f]{6}"
    r"| {2,4}\w+[\[({/]+\"[\w .,:/*()✗?–#;<>-]*\"[\])}/]+:::\w+|  \w+ (?:---|-->|-\.->)(?:\|\"[\w .,:/*()✗?–#;-]*\"\|)? \w+"
)


@given(HOSTILE, st.sampled_from(["works", "off", "not known"]))
@settings(max_examples=80, deadline=None)
def test_hostile_names_stay_inside_their_labels(name: str, state: str) -> None:
    services = (PicturedService(name, name, ("one",), (), ()),)
    drawn = picture(store("one", copy(name, name, state=state), region=name, more=name), services=services)
    for line in graphviz(drawn).decode().splitlines():
        assert DOT_LINE.fullmatch(line), line
    for line in mermaid(drawn).decode().splitlines():
        assert FLOW_LINE.fullmatch(line), line
    assert json.loads(render_estate_json(drawn))["stores"][0]["region"] == (
        None if name == NOWHERE else name.encode("utf-8", "replace").decode()
    )
    assert "\x1b" not in render_estate(drawn, Options())
