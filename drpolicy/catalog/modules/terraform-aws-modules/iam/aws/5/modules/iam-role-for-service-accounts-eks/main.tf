# Interface of terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks 5: a role for service accounts, whom it trusts, the
# policy for Velero and that for buckets that are mounted.
#
# Not modelled: what the policies for other add-ons allow.

variable "create_role" {
  type    = bool
  default = true
}

variable "role_name" {
  type    = string
  default = null
}

variable "role_name_prefix" {
  type    = string
  default = null
}

variable "role_path" {
  type    = string
  default = "/"
}

variable "policy_name_prefix" {
  type    = string
  default = "AmazonEKS_"
}

variable "role_policy_arns" {
  type    = map(string)
  default = {}
}

variable "oidc_providers" {
  type    = any
  default = {}
}

variable "assume_role_condition_test" {
  type    = string
  default = "StringEquals"
}

variable "attach_velero_policy" {
  type    = bool
  default = false
}

variable "velero_s3_bucket_arns" {
  type    = list(string)
  default = ["*"]
}

variable "attach_mountpoint_s3_csi_policy" {
  type    = bool
  default = false
}

variable "mountpoint_s3_csi_bucket_arns" {
  type    = list(string)
  default = []
}

variable "mountpoint_s3_csi_path_arns" {
  type    = list(string)
  default = []
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "this" {
  count = var.create_role ? 1 : 0

  dynamic "statement" {
    for_each = var.oidc_providers

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.value.provider_arn]
      }

      condition {
        test     = var.assume_role_condition_test
        variable = "${replace(statement.value.provider_arn, "/^(.*provider/)/", "")}:sub"
        values   = [for account in statement.value.namespace_service_accounts : "system:serviceaccount:${account}"]
      }

      condition {
        test     = var.assume_role_condition_test
        variable = "${replace(statement.value.provider_arn, "/^(.*provider/)/", "")}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create_role ? 1 : 0

  name               = var.role_name
  name_prefix        = var.role_name_prefix
  path               = var.role_path
  assume_role_policy = data.aws_iam_policy_document.this[0].json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = { for key, arn in var.role_policy_arns : key => arn if var.create_role }

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

data "aws_iam_policy_document" "velero" {
  count = var.create_role && var.attach_velero_policy ? 1 : 0

  statement {
    actions   = ["ec2:CreateSnapshot", "ec2:CreateTags", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"]
  }

  statement {
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = [for arn in var.velero_s3_bucket_arns : "${arn}/*"]
  }

  statement {
    actions   = ["s3:ListBucket"]
    resources = var.velero_s3_bucket_arns
  }
}

resource "aws_iam_policy" "velero" {
  count = var.create_role && var.attach_velero_policy ? 1 : 0

  name_prefix = "${var.policy_name_prefix}Velero_Policy-"
  policy      = data.aws_iam_policy_document.velero[0].json
}

resource "aws_iam_role_policy_attachment" "velero" {
  count = var.create_role && var.attach_velero_policy ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.velero[0].arn
}

data "aws_iam_policy_document" "mountpoint_s3_csi" {
  count = var.create_role && var.attach_mountpoint_s3_csi_policy ? 1 : 0

  statement {
    actions   = ["s3:ListBucket"]
    resources = coalescelist(var.mountpoint_s3_csi_bucket_arns, ["arn:${data.aws_partition.current.partition}:s3:::*"])
  }

  statement {
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = var.mountpoint_s3_csi_path_arns
  }
}

resource "aws_iam_policy" "mountpoint_s3_csi" {
  count = var.create_role && var.attach_mountpoint_s3_csi_policy ? 1 : 0

  name_prefix = "${var.policy_name_prefix}Mountpoint_S3_CSI-"
  policy      = data.aws_iam_policy_document.mountpoint_s3_csi[0].json
}

resource "aws_iam_role_policy_attachment" "mountpoint_s3_csi" {
  count = var.create_role && var.attach_mountpoint_s3_csi_policy ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.mountpoint_s3_csi[0].arn
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, "")
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, "")
}

output "iam_role_path" {
  value = try(aws_iam_role.this[0].path, "")
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, "")
}
