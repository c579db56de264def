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
from drpolicy.model.records import replace
from drpolicy.model.spans import Source
from drpolicy.model.truth import Truth
from drpolicy.reporters.estate_graph import graph_of, graphviz, mermaid
from drpolicy.reporters.estate_json import render_estate_json
from drpolicy.reporters.estate_text import render_estate
from drpolicy.reporters.formats import Options
from drpolicy.reporters.sentences import had_back

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


def in_deployment(key: str, deployment: str, data_class: str = "system-of-record") -> PicturedStore:
    return replace(store(key, data_class=data_class), deployment=deployment)


def test_what_a_recovery_needs_beside_the_data_is_one_line() -> None:
    stores = [store(key, data_class="dependency") for key in ("key", "other")]
    assert render_estate(picture(*stores), Options()) == (
        "a\n  shop  primary cluster\n  what a recovery needs beside the data: aws_db_instance ×2\n\nnothing that holds data was found\n"
    )


def test_stores_of_several_deployments_stand_under_theirs() -> None:
    stores = (in_deployment("x", "envs/b"), in_deployment("y", "envs/a"), in_deployment("z", "envs/b"))
    lines = render_estate(picture(*stores), Options()).splitlines()
    assert [line.strip() for line in lines if line.startswith("  in ") or line.endswith("aws_db_instance")] == [
        "in envs/b", "x  aws_db_instance", "z  aws_db_instance", "in envs/a", "y  aws_db_instance",
    ]  # fmt: skip
    assert [node.lines[:3] for node in graph_of(picture(*stores)).nodes if node.kind == "store"][1] == ("y", "aws_db_instance", "in envs/a")


def test_a_module_stands_above_what_it_holds() -> None:
    (node,) = [each for each in graph_of(picture(store('module.a["b.c"].module.d[0].aws_s3_bucket.this'))).nodes if each.kind == "store"]
    assert node.lines[:2] == ('module.a["b.c"].module.d[0]', "aws_s3_bucket.this")


def test_what_says_nothing_is_said_in_words() -> None:
    anything = Range(Duration(0), UNBOUNDED, "not known")
    assert had_back(anything, anything) == "loses an amount not known, back in a time not known"
    assert had_back(FIVE, anything) == "loses the last 5m, back in a time not known"


def test_what_is_off_is_kept_by_nobody() -> None:
    text = render_estate(picture(store("one", copy(state="off"))), Options())
    assert "      ✗ replica → b  switched off\n" in text


def test_many_stores_stand_in_columns_and_what_an_arrow_holds_stays_where_it_is() -> None:
    lonely = [store(f"s{at}") for at in range(13)]
    drawn = graphviz(picture(*lonely, store("linked", copy()))).decode().splitlines()
    invisible = [line.strip() for line in drawn if "invis" in line]
    assert invisible[:3] == ["cluster0 -> store0 [style=invis];", "store0 -> store1 [style=invis];", "store2 -> store3 [style=invis];"]
    assert len(invisible) == 9
    assert not [line for line in invisible if "store13" in line]
    assert "invis" not in graphviz(picture(*lonely[:4])).decode()


def test_a_store_is_safe_lost_open_or_nobodys() -> None:
    stores = (
        store("safe", copy()),
        store("lost", copy(region="a", survives=())),
        store("open", copy(state="not known", survives=())),
        store("perhaps", more="module backup: module not on disk"),
        store("copied", data_class="copy"),
        replace(store("doubtful"), presence=Truth.UNKNOWN),
    )
    drawn = {node.lines[0]: node.state for node in graph_of(picture(*stores)).nodes if node.kind == "store"}
    assert drawn == {"safe": "safe", "lost": "lost", "open": "open", "perhaps": "open", "doubtful": "open"}


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
        "2 stores in 1 region and a region not known; of 2 that somebody would miss, 1 outlive their region\n"
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
