from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from reports import DATABASES, EMPTY, EXAMPLE, finding, span

from drpolicy.model.findings import Verdict
from drpolicy.model.records import replace
from drpolicy.reporters.inert import code, fenced, inert
from drpolicy.reporters.markdown import MARKER, SIZE_LIMIT, render

TEXT = render(EXAMPLE).decode()


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def test_the_verdict_stands_first_below_the_marker() -> None:
    assert TEXT.splitlines()[:7] == [
        MARKER,
        "",
        "## drpolicy: gate failed",
        "",
        "**7 failed · 3 unknown · 1 passed · 1 not applicable · 1 waived · 1 by the calendar · 2 diagnostics**",
        "",
        "gate pr failed\\: 4 failures of high or worse",
    ]


def test_sections() -> None:
    assert headings(TEXT) == [
        "## drpolicy: gate failed",
        "### Services and disruptions",
        "### Failures",
        "#### `orders`",
        "#### `billing`",
        "#### `catalog`",
        "#### Not tied to a declared service",
        "### Not known, and how to settle it",
        "### Waivers",
        "### Diagnostics",
    ]
    assert headings(render(EMPTY).decode()) == ["## drpolicy: gate passed", "### Services and disruptions", "### Failures"]


def test_the_table_of_services() -> None:
    assert "| `orders` | `critical` | corruption | ✓ met: 1h → 5m | ? not decided: 4h → ≥ 30m |\n" in TEXT
    assert "| `billing` | `important` | region | ✗ **missed**: 1h → all lost | ✗ **missed**: 4h → never |\n" in TEXT


def test_a_failure_with_its_evidence_and_remedy() -> None:
    assert (
        "**critical** `no-copy-outside-region` at `terraform/databases.tf:13:1`: orders in ap-northeast-2 has no copy outside the region, "
        "and service orders declares an RPO of 15m for its loss\n"
        "\n"
        "- because no replica block (`terraform/databases.tf:13:1`)\n"
        "- because RPO 15m (`services/orders.yaml:6:28`)\n"
        "- also breaks `no-copy-outside-region` (`orders`)\n"
        "\n"
        "**Fix:** Add a replica\\:\n"
        "\n"
        "```text\n"
        'replica { region_name = "ap-northeast-1" }\n'
        "```\n"
        "\n"
        "This costs.\n"
    ) in TEXT
    assert "- because last restore completed there (recorded)\n" in TEXT


def test_a_finding_brings_its_own_remedy() -> None:
    assert "**Fix:**\n```text\nbackup_retention_period = 14\n```\n\nApplies without replacement.\n" in TEXT


def test_what_matters_little_is_folded() -> None:
    assert (
        "#### `catalog`\n\n<details>\n<summary>1 cause of severity low</summary>\n\n"
        "- **low** `objectives-missing` at `services/catalog.yaml:3:9`: service catalog declares no RTO and no RPO\n\n</details>\n"
    ) in TEXT


def test_many_others_are_counted() -> None:
    where = span(DATABASES, "multi_az")
    many = tuple(finding(f"p{at}", Verdict.FAIL, where, "m", name="n", cause="one") for at in range(11))
    others = ", ".join(f"`p{at}` (`n`)" for at in range(1, 9))
    assert f"\n- also here {others} and 2 more\n" in render(replace(EXAMPLE, findings=many)).decode()


def test_open_questions_waivers_and_passes() -> None:
    assert "| 2 verdicts of 2 policies | `module rds` (`terraform/providers.tf:1:1`) | module not on disk | run terraform init" in TEXT
    assert "| `no-copy-outside-region` | `primary` | 2027-03-31 | team-orders | moving to Aurora |" in TEXT
    assert "<details>\n<summary>1 pass</summary>\n\n- `automatic-backup-off` 1\n\n</details>\n" in TEXT


def test_nothing_failed_is_said_with_what_was_judged() -> None:
    assert "None of 36 policies failed on what was read and decided." in render(replace(EXAMPLE, findings=())).decode()


def test_a_report_beyond_what_a_host_takes_is_cut_between_blocks() -> None:
    where = span(DATABASES, "multi_az")
    many = tuple(finding(f"p{at}", Verdict.FAIL, where, "m" * 1000, cause=str(at)) for at in range(2000))
    output = render(replace(EXAMPLE, findings=many))
    assert SIZE_LIMIT - 3000 < len(output) < SIZE_LIMIT + 200
    assert output.endswith(b"\n\nThe report goes on; the JSON and HTML reports have all of it.\n")


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://example.org)",
        "![a](https://example.org/x.png)",
        "<img src=x onerror=alert(1)>",
        "<https://example.org>",
        "&lt;b&gt; &copy;",
        "*a* _b_ **c** ~~d~~ `e`",
        "# heading",
        "> quote",
        "- item",
        "1. item",
        "2) item",
        "a | b",
        "\\",
        "a\nb\n\n# c",
        "[^1]",
        "a\\|b",
        "=",
        "***",
    ],
)
def test_inert_text_reads_as_it_was_written(text: str) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    (item,) = [token for token in parser.parse(f"- {inert(text)}\n") if token.type == "inline"]
    assert {child.type for child in item.children or ()} <= {"text", "text_special"}
    assert "".join(child.content for child in item.children or ()) == " ".join(text.split())


def test_addresses_and_mentions_are_not_recognised() -> None:
    assert inert("@org/team a@b.example www.a.example https://a.example") == (
        "@\u200borg/team a@\u200bb.example www\\.a.example https\\://a.example"
    )


@pytest.mark.parametrize(("text", "span"), [("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a∣b`"), ("", "–"), ("a\nb", "`a b`")])
def test_code_spans_end_where_they_should(text: str, span: str) -> None:
    assert code(text) == span


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced("```\nx\n````") == "`````text\n```\nx\n````\n`````"
