"""Roles for service accounts from terraform-aws-modules/iam/aws that is not on disk: what they let Velero do with its bucket."""

from __future__ import annotations

import pytest
from recovery_estates import estate_of

from drpolicy.model.clusters import Location
from drpolicy.recovery.logic import truth_of

VERSIONS = {
    "5": ("iam-role-for-service-accounts-eks", "~> 5.39", "role_name", "iam_role_arn", "role_policy_arns"),
    "6": ("iam-role-for-service-accounts", "~> 6.0", "name", "arn", "policies"),
}


def location(version: str, inputs: str, rest: str = "") -> Location:
    submodule, asked, name, output, _ = VERSIONS[version]
    text = f"""
provider "aws" {{
  region = "eu-west-1"
}}
resource "aws_s3_bucket" "velero" {{
  bucket = "backups"
}}
module "irsa" {{
  source  = "terraform-aws-modules/iam/aws//modules/{submodule}"
  version = "{asked}"
  {name} = "velero"
  {inputs}
  oidc_providers = {{
    main = {{
      provider_arn               = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"
      namespace_service_accounts = ["velero:velero-server"]
    }}
  }}
}}
resource "helm_release" "velero" {{
  name       = "velero"
  namespace  = "velero"
  repository = "https://vmware-tanzu.github.io/helm-charts"
  chart      = "velero"
  version    = "12.1.0"
  values = [yamlencode({{
    configuration = {{
      backupStorageLocation = [{{ name = "default", provider = "aws", bucket = aws_s3_bucket.velero.id }}]
    }}
    credentials    = {{ useSecret = false }}
    serviceAccount = {{ server = {{ annotations = {{ "eks.amazonaws.com/role-arn" = module.irsa.{output} }} }} }}
  }})]
}}
{rest}"""
    (found,) = estate_of({"main.tf": text}).locations
    return found


ATTACHED = "attach_velero_policy = true"
OURS = "velero_s3_bucket_arns = [aws_s3_bucket.velero.arn]"


@pytest.mark.parametrize("version", ["5", "6"])
@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (f"{ATTACHED}\n  {OURS}", "TRUE"),
        (f'{ATTACHED}\n  velero_s3_bucket_arns = ["arn:aws:s3:::backups"]', "TRUE"),
        (f'{ATTACHED}\n  velero_s3_bucket_arns = ["arn:aws:s3:::others"]', "FALSE"),
        (OURS, "FALSE"),
        (f"{ATTACHED}\n  velero_s3_bucket_arns = var.arns", "UNKNOWN"),
        # What other add-ons are given is not modelled.
        ("attach_ebs_csi_policy = true", "UNKNOWN"),
        ('attach_mountpoint_s3_csi_policy = true\n  mountpoint_s3_csi_path_arns = ["arn:aws:s3:::backups/*"]', "TRUE"),
    ],
)
def test_the_role_allows_what_the_module_is_given(version: str, inputs: str, expected: str) -> None:
    found = location(version, inputs, 'variable "arns" {\n  type = list(string)\n}\n')
    assert (found.permitted.compared, truth_of(found.permitted.holds).name) == (True, expected)


@pytest.mark.parametrize("version", ["5", "6"])
def test_a_policy_beside_the_module_counts(version: str) -> None:
    beside = """
resource "aws_iam_policy" "velero" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""
    found = location(version, f"{VERSIONS[version][4]} = {{ velero = aws_iam_policy.velero.arn }}", beside)
    assert truth_of(found.permitted.holds).name == "TRUE"


def test_without_a_bucket_every_one_is_allowed_in_5_and_in_6_the_statement_has_none() -> None:
    assert [truth_of(location(version, ATTACHED).permitted.holds).name for version in ("5", "6")] == ["TRUE", "UNKNOWN"]


def test_what_the_role_lacks_is_said_at_the_call() -> None:
    found = location("6", f'{ATTACHED}\n  velero_s3_bucket_arns = ["arn:aws:s3:::others"]').permitted
    assert found.text == (
        "module.irsa.aws_iam_role.this[0] does not allow s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket on bucket backups"
    )


def test_permissions_of_the_callers_own_count_in_6() -> None:
    own = 'permissions = {\n    all = { actions = ["s3:*"], resources = ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"] }\n  }'
    assert truth_of(location("6", own).permitted.holds).name == "TRUE"
    inline = own.replace("permissions", "create_inline_policy = true\n  inline_policy_permissions", 1)
    assert truth_of(location("6", inline).permitted.holds).name == "TRUE"
