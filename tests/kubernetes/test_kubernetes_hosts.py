from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_fixtures import load, place, plain

from drpolicy.kubernetes.hosts import commented_alternatives, host_name, host_references
from drpolicy.kubernetes.images import image_name, known_image
from drpolicy.kubernetes.scalar_text import scalar_text
from drpolicy.model.reasons import Reason
from drpolicy.model.spans import Source
from drpolicy.sources.yaml_documents import documents

HOST = "db.abc.ap-northeast-2.rds.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "service", "region"),
    [
        (HOST, "rds", "ap-northeast-2"),
        ("c.cluster-x.us-east-1.docdb.amazonaws.com", "docdb", "us-east-1"),
        ("g.cluster-x.us-gov-west-1.neptune.amazonaws.com", "neptune", "us-gov-west-1"),
        ("r.abc.0001.apne2.cache.amazonaws.com", "cache", "ap-northeast-2"),
        ("dynamodb.eu-west-1.amazonaws.com", "dynamodb", "eu-west-1"),
        ("b-1.k.abc.c2.kafka.us-west-2.amazonaws.com", "msk", "us-west-2"),
        ("search-x.us-east-1.es.amazonaws.com", "es", "us-east-1"),
        ("w.abc.us-east-1.redshift.amazonaws.com", "redshift", "us-east-1"),
        ("sqs.cn-north-1.amazonaws.com.cn", "sqs", "cn-north-1"),
        ("s3.amazonaws.com", "s3", None),
    ],
)
def test_host_names(host: str, service: str, region: str | None) -> None:
    found = host_name(host)
    assert found is not None and (found.service, found.region) == (service, region)


def test_other_hosts_are_none() -> None:
    assert host_name("db.internal") is None and host_name("amazonaws.com") is None


def test_hosts_are_found_where_they_are_written() -> None:
    text = (
        f'apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app, namespace: shop}}\ndata:\n  DB_HOST: "{HOST}"\n'
        f"  app.properties: |\n    # local\n    url=jdbc:postgresql://{HOST}:5432/x\n  SITE: example.com\n---\n"
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n"
        f"spec: {{template: {{spec: {{containers: [{{env: [{{name: H, value: {HOST}}}]}}]}}}}}}\n---\n"
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: db}}\nspec: {{type: ExternalName, externalName: {HOST}}}\n"
    )
    found = host_references(load({"k/a.yaml": text}).resources)
    assert [(each.kind, each.namespace, each.name, each.key, each.indirect) for each in found] == [
        ("ConfigMap", "shop", "app", "DB_HOST", False),
        ("ConfigMap", "shop", "app", "app.properties", False),
        ("Deployment", "default", "web", "H", False),
        ("Service", "default", "db", "externalName", True),
    ]
    assert all(plain(each.host) == HOST and each.region == "ap-northeast-2" and each.database for each in found)
    assert (place(found[0].host), found[0].span.text) == (f"5:13 {HOST}", f'"{HOST}"')
    assert place(found[1].host) == f"8:27 {HOST}"


def test_a_host_in_a_secret_is_found_alone() -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n  url: mysql://u:p@{HOST}/x\n"
    (found,) = host_references(load({"k/a.yaml": text}).resources)
    assert (found.key, plain(found.host), place(found.host), found.span.text) == ("url", HOST, f"5:20 {HOST}", HOST)


def test_a_host_that_begins_with_a_placeholder_is_unknown_and_its_region_known() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  H: ${ENV}-db.abc.us-east-1.rds.amazonaws.com\n"
    (found,) = host_references(load({"k/a.yaml": text}).resources)
    assert (plain(found.host), found.region) == (Reason.TEMPLATE_PLACEHOLDER, "us-east-1")


def alternatives(text: str, value: str = HOST) -> list[str]:
    source = Source("a.yaml", text)
    at = text.index(value)
    return [f"{span} {span.text}" for span in commented_alternatives(source, source.span(at, at + len(value)))]


def test_alternatives_in_comments() -> None:
    other = "dr.abc.ap-northeast-1.rds.amazonaws.com"
    assert alternatives(f'data:\n  DB_HOST: "{HOST}"\n  # when switching:\n  # DB_HOST: "{other}"\n') == [f"a.yaml:4:15 {other}"]
    assert alternatives(f"data:\n  # DR: db.dr.internal\n  DB_HOST: {HOST}\n") == ["a.yaml:2:9 db.dr.internal"]
    assert alternatives(f"DB_HOST: {HOST} # {other}\n") == [f"a.yaml:1:52 {other}"]
    assert alternatives(f"DB_HOST: {HOST}\n# DB_HOST: {HOST}\n# CACHE: cache.internal\n# see docs.example.com\n") == []
    assert alternatives(f"DB_HOST: {HOST}\nOTHER: x\n# DB_HOST: {other}\n") == []


@given(st.text(alphabet="# :\"'a.-\n=dr", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_comment_is_looked_at(text: str, start: int, length: int) -> None:
    source = Source("a.yaml", text)
    at = min(start, len(text))
    for span in commented_alternatives(source, source.span(at, min(at + length, len(text)))):
        assert 0 <= span.offset < span.end_offset <= len(text)


@pytest.mark.parametrize("style", ["|", "|-", ">", ">-", '"', "'", "plain"])
def test_every_word_of_a_scalar_is_placed_exactly(style: str) -> None:
    lines = ["alpha beta", "gamma  delta", "omega"]
    body = {"|": "\n    ", "|-": "\n    ", ">": "\n    ", ">-": "\n    "}.get(style, "\n    ")
    quote = style if style in {'"', "'"} else ""
    head = f"{style}\n    " if style[0] in "|>" else quote
    source = Source("a.yaml", f"a:\n  b: {head}{body.join(lines)}{quote}\n")
    (document,) = documents(source)
    value = document.value(("a", "b"))
    assert value is not None
    scalar = scalar_text(value)
    assert scalar is not None
    for word in "alpha beta gamma delta omega".split():  # noqa: SIM905 - reads as the text it comes from
        at = scalar.text.index(word)
        assert scalar.span(at, at + len(word)).text == word


def test_escapes_are_looked_through() -> None:
    (document,) = documents(Source("a.yaml", '"a \\"b\\" \\u00e9 c\\n\\\n  d"\n'))
    scalar = scalar_text(document.root)
    assert scalar is not None and scalar.text == 'a "b" é c\nd'
    assert [scalar.span(at, at + 1).start.column for at in (3, 6, 8)] == [6, 10, 17]
    assert scalar.span(10, 11).text == "d"


@pytest.mark.parametrize(
    ("reference", "repository", "tag"),
    [
        ("velero/velero", "velero/velero", "latest"),
        ("docker.io/velero/velero:v1.17.0", "velero/velero", "v1.17.0"),
        ("localhost:5000/a/b@sha256:00", "localhost:5000/a/b", ""),
    ],
)
def test_image_names(reference: str, repository: str, tag: str) -> None:
    assert (image_name(reference).repository, image_name(reference).tag) == (repository, tag)


def test_known_images() -> None:
    assert [known_image(name) is None for name in ("velero/velero", "velero/velero:v1.18.2", "velero/velero:v1.7.0")] == [False] * 3
    assert [
        known_image(name) is None for name in ("velero/velero:v1.6.3", "velero/velero@sha256:00", "example.com/velero/velero", "x")
    ] == [True] * 4
    assert known_image("gcr.io/distroless/static:debug") is None and known_image("gcr.io/distroless/static") is not None
