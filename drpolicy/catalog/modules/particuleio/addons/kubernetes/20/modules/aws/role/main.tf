# Interface of terraform-aws-modules/iam/aws//modules/iam-role 6, as far as an add-on takes it: the role of one service account. Whatever
# else the module makes of its inputs is not modelled.

variable "create" {
  type = bool
}

variable "name" {
  type = string
}

variable "use_name_prefix" {
  type = bool
}

variable "policies" {
  type = map(string)
}

variable "subject" {
  type = string
}

variable "issuer" {
  type = string
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "this" {
  count = var.create ? 1 : 0

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${var.issuer}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.issuer}:sub"
      values   = [var.subject]
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name               = var.use_name_prefix ? null : var.name
  name_prefix        = var.use_name_prefix ? "${var.name}-" : null
  assume_role_policy = data.aws_iam_policy_document.this[0].json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = { for key, arn in var.policies : key => arn if var.create }

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

output "arn" {
  value = try(aws_iam_role.this[0].arn, null)
}
