"""``drpolicy catalog``: what is known of a type, with where it is known from."""

from __future__ import annotations

import pytest
from command_line import here

from drpolicy.catalog.load import built_in_catalog


def test_the_list_has_every_type_and_says_what_is_only_counted() -> None:
    code, out, err = here("catalog", "list")
    assert (code, err) == (0, "")
    catalog = built_in_catalog()
    lines = out.splitlines()
    assert {line.split()[0] for line in lines[:-1] if line.startswith("  ")} == set(catalog.stores) | set(catalog.components)
    assert lines[-1] == f"{len(catalog.stores)} types judged; {len(catalog.unjudged)} more hold data and are counted only"
    assert "  aws_secretsmanager_secret            secret-recovery-window, secret-replica" in lines


@pytest.mark.parametrize("type_", built_in_catalog().stores)
def test_a_page_names_the_source_of_every_default_and_number(type_: str) -> None:
    code, out, _ = here("catalog", "show", type_)
    assert code == 0
    row = built_in_catalog().stores[type_]
    assert out.startswith(f"# {type_}\n")
    assert all(default.source in out for default in row.defaults)
    for mechanism in built_in_catalog().mechanisms.values():
        if type_ in mechanism.stores:
            assert mechanism.recovery.source in out
            assert all(bound.source in out for bound in (mechanism.gap, mechanism.worst_gap) if bound is not None)


@pytest.mark.parametrize("type_", built_in_catalog().components)
def test_a_page_of_a_component_names_the_source_of_every_default_and_every_field(type_: str) -> None:
    code, out, _ = here("catalog", "show", type_)
    assert code == 0
    row = built_in_catalog().components[type_]
    store = type_ in built_in_catalog().stores
    assert out.startswith(f"# {type_}\n\nKind: {row.kind} · {'data class' if store else 'holds no data, and a recovery rests on it'}")
    assert all(default.source in out for default in row.defaults)
    assert all(f"    {name} " in out for name in row.fields)


def test_a_page_says_what_has_to_be_alike_on_the_two_sides() -> None:
    cluster, task, quota = (
        here("catalog", "show", type_).out for type_ in ("aws_eks_cluster", "aws_ecs_task_definition", "aws_servicequotas_service_quota")
    )
    assert cluster.endswith(
        "\n## On standby\n\n    there for what has the same        name\n    has to be the same                 version\n"
    )
    assert "    must not lead to the other region  container_definitions\n" in task
    assert quota.endswith("    must not be less                   value\n    the primary side's needs one there\n")


def test_a_page_says_what_it_means_when_nothing_is_written() -> None:
    types = ("aws_dynamodb_table", "aws_docdb_cluster", "aws_neptunegraph_graph", "aws_redshift_cluster")
    table, cluster, graph, warehouse = (here("catalog", "show", type_).out for type_ in types)
    assert "    point_in_time_recovery = off (the block is missing)\n" in table
    assert "    backup_retention_period = 1 (the provider fills it in)\n" in cluster
    assert "    deletion_protection = not known (known after the apply)\n" in graph
    assert "    replica_count = 1 (known after the apply; documented)\n" in graph
    assert "    multi_az = false (nothing is sent, the service decides)\n" in warehouse


def test_a_requirement_of_another_type_is_not_shown() -> None:
    needs = "needs    AWS Backup backs up only buckets with versioning enabled"
    assert needs in here("catalog", "show", "aws_s3_bucket").out
    assert needs not in here("catalog", "show", "aws_db_instance").out


def test_a_type_that_is_not_known_names_the_nearest() -> None:
    assert here("catalog", "show", "aws_dbinstance") == (
        2,
        "",
        "drpolicy: the catalog has no 'aws_dbinstance'; did you mean 'aws_db_instance'?\n",
    )
    assert here("catalog", "show", "zzzz") == (2, "", "drpolicy: the catalog has no 'zzzz'; see drpolicy catalog list\n")
    assert here("catalog", "show", "google_storage_bucket").out.startswith("# google_storage_bucket\n\nHolds data and has no row yet")
