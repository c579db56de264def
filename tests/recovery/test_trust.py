"""Which clusters a role trusts, however its policy is written, and which service accounts of a DR cluster go without."""

from __future__ import annotations

import pytest
from recovery_estates import PROVIDERS, estate_of

from drpolicy.model.truth import Truth

CLUSTERS = """apiVersion: drpolicy.dev/v1
kind: Config
clusters:
  - {name: primary, region: eu-west-1, role: primary, paths: ["primary/**"]}
  - {name: dr, region: eu-central-1, role: dr, paths: ["dr/**"]}
"""
PROVIDER = """
resource "aws_eks_cluster" "primary" {
  name = "primary"
}
resource "aws_eks_cluster" "dr" {
  provider = aws.dr
  name     = "dr"
}
resource "aws_iam_openid_connect_provider" "primary" {
  url = aws_eks_cluster.primary.identity[0].oidc[0].issuer
}
resource "aws_iam_openid_connect_provider" "dr" {
  url = aws_eks_cluster.dr.identity[0].oidc[0].issuer
}
resource "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}
variable "provider_arn" {}
variable "account" {}
"""
PRIMARY = "aws_iam_openid_connect_provider.primary.arn"
ALONE = [("shop/orders (role orders trusts clusters of eu-west-1 alone)", Truth.TRUE)]
NOT_KNOWN = [("shop/orders (role orders trusts clusters that are not known)", Truth.UNKNOWN)]
ISSUER = "oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/E0"
ACCOUNT = """apiVersion: v1
kind: ServiceAccount
metadata:
  name: orders
  namespace: shop
  annotations:
    eks.amazonaws.com/role-arn: "%s"
"""


def statement(federated: str) -> str:
    principal = f"{{ Federated = {federated} }}"
    return f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = {principal} }}] }})'


def heredoc(federated: str, effect: str = "Allow") -> str:
    return f'<<-POLICY\n{{"Statement": [{{"Effect": "{effect}", "Principal": {{"Federated": {federated}}}}}]}}\nPOLICY\n'


def lost(trust: str, arn: str = "arn:aws:iam::111122223333:role/orders", more: str = "") -> list[tuple[str, Truth]]:
    role = f'resource "aws_iam_role" "orders" {{\n  name = "orders"\n  assume_role_policy = {trust}\n}}\n'
    files = {"main.tf": PROVIDERS + PROVIDER + role + more, "drpolicy.yaml": CLUSTERS, "dr/account.yaml": ACCOUNT % arn}
    found = next(each for each in estate_of(files).clusters if each.name == "dr").lost_identities
    return [(member.value.name, member.presence) for member in found.elements]


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (statement(PRIMARY), ALONE),
        (statement(f"[{PRIMARY}]"), ALONE),
        (statement(f"[{PRIMARY}, aws_iam_openid_connect_provider.dr.arn]"), []),
        (statement(f"[{PRIMARY}, aws_iam_openid_connect_provider.github.arn]"), ALONE),
        (statement(f"[{PRIMARY}, var.provider_arn]"), [(ALONE[0][0], Truth.UNKNOWN)]),
        (statement("var.provider_arn"), NOT_KNOWN),
        (statement("aws_iam_openid_connect_provider.github.arn"), []),
        (statement(f'"arn:aws:iam::111122223333:{ISSUER}"'), ALONE),
        (heredoc(f'"arn:aws:iam::${{var.account}}:{ISSUER}"'), ALONE),
        (heredoc(f'"${{{PRIMARY}}}"'), ALONE),
        (heredoc(f'["${{{PRIMARY}}}", "${{aws_iam_openid_connect_provider.dr.arn}}"]'), []),
        (heredoc(f'["${{aws_iam_openid_connect_provider.github.arn}}", "${{{PRIMARY}}}"]'), ALONE),
        (heredoc('"arn:aws:iam::${var.account}:oidc-provider/token.actions.githubusercontent.com"'), []),
        (heredoc(f'"${{{PRIMARY}}}"', "Deny"), []),
        ('jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" } }] })', []),
        ("var.provider_arn", NOT_KNOWN),
    ],
)
def test_the_clusters_that_a_policy_trusts(trust: str, expected: list[tuple[str, Truth]]) -> None:
    assert lost(trust) == expected


def test_a_role_is_known_by_the_end_of_its_arn() -> None:
    assert lost(statement(PRIMARY), "arn:aws:iam::${ACCOUNT}:role/shop/orders") == ALONE
    assert lost(statement(PRIMARY), "${ROLE_ARN}") == []
    assert lost(statement(PRIMARY), "arn:aws:iam::111122223333:role/others") == []


def test_of_two_roles_of_one_name_either_may_be_meant() -> None:
    other = 'resource "aws_iam_role" "again" {\n  name = "orders"\n  assume_role_policy = %s\n}\n'
    assert lost(statement(PRIMARY), more=other % statement(PRIMARY)) == ALONE
    assert lost(statement(PRIMARY), more=other % statement("aws_iam_openid_connect_provider.dr.arn")) == []
    assert lost(statement(PRIMARY), more=other % statement("var.provider_arn")) == [(ALONE[0][0], Truth.UNKNOWN)]


def test_a_merged_document_is_open() -> None:
    document = f"""
data "aws_iam_policy_document" "trust" {{
  source_policy_documents = [var.provider_arn]
  statement {{
    principals {{
      type        = "Federated"
      identifiers = [{PRIMARY}]
    }}
  }}
}}
"""
    assert lost("data.aws_iam_policy_document.trust.json", more=document) == [(ALONE[0][0], Truth.UNKNOWN)]


def test_a_role_that_may_not_be_made_decides_nothing() -> None:
    trust = statement(PRIMARY) + "\n  count = var.account"
    assert lost(trust) == [(ALONE[0][0], Truth.UNKNOWN)]


def test_a_condition_as_long_as_people_write_it_hides_nothing() -> None:
    subject = '"${replace(aws_iam_openid_connect_provider.primary.url, "https://", "")}:sub" = "system:serviceaccount:shop:orders"'
    trust = (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "OrdersOfTheShopAndNobodyElse", Effect = "Allow", '
        f"Principal = {{ Federated = {PRIMARY} }}, Condition = {{ StringEquals = {{ {subject} }} }}, "
        'Action = "sts:AssumeRoleWithWebIdentity" }] })'
    )
    assert lost(trust) == ALONE


ASSOCIATION = """
resource "aws_eks_pod_identity_association" "orders" {
  cluster_name    = aws_eks_cluster.primary.name
  namespace       = %s
  service_account = "orders"
  role_arn        = "arn:aws:iam::111122223333:role/orders"
}
"""
POD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  template:
    spec:
      serviceAccountName: orders
"""


def unassociated(namespace: str) -> list[tuple[str, Truth]]:
    files = {"main.tf": PROVIDERS + PROVIDER + ASSOCIATION % namespace, "drpolicy.yaml": CLUSTERS, "dr/orders.yaml": POD}
    found = next(each for each in estate_of(files).clusters if each.name == "dr").lost_identities
    return [(member.value.name, member.presence) for member in found.elements]


def test_a_pod_identity_of_the_other_cluster_is_none() -> None:
    assert unassociated('"shop"') == [("shop/orders (its pod identity is for a cluster of eu-west-1)", Truth.TRUE)]
    assert unassociated('"other"') == []
    assert unassociated("var.account") == []
