# Interface of aws-ia/eks-blueprints-addon/aws 1: one chart, and a role for its service account.
#
# Not modelled: the role, its policies, and what of the release says how it is installed. None of them holds data.

variable "create" {
  type    = bool
  default = true
}

variable "create_release" {
  type    = bool
  default = true
}

variable "create_role" {
  type    = bool
  default = false
}

variable "name" {
  type    = string
  default = ""
}

variable "namespace" {
  type    = string
  default = null
}

variable "chart" {
  type    = string
  default = ""
}

variable "chart_version" {
  type    = string
  default = null
}

variable "repository" {
  type    = string
  default = null
}

variable "values" {
  type    = list(string)
  default = null
}

variable "set" {
  type    = any
  default = []
}

variable "set_sensitive" {
  type    = any
  default = []
}

variable "set_irsa_names" {
  type    = list(string)
  default = []
}

resource "aws_iam_role" "this" {
  count = var.create && var.create_role ? 1 : 0
}

resource "helm_release" "this" {
  count = var.create && var.create_release ? 1 : 0

  name       = try(coalesce(var.name, var.chart), "")
  namespace  = try(coalesce(var.namespace, "default"))
  chart      = var.chart
  version    = var.chart_version
  repository = var.repository
  values     = var.values

  dynamic "set" {
    for_each = var.set

    content {
      name  = set.value.name
      value = set.value.value
      type  = try(set.value.type, null)
    }
  }

  dynamic "set" {
    for_each = var.create && var.create_role ? toset(var.set_irsa_names) : toset([])

    content {
      name  = set.value
      value = aws_iam_role.this[0].arn
    }
  }

  dynamic "set_sensitive" {
    for_each = var.set_sensitive

    content {
      name  = set_sensitive.value.name
      value = set_sensitive.value.value
      type  = try(set_sensitive.value.type, null)
    }
  }
}

output "chart" {
  value = try(helm_release.this[0].chart, null)
}

output "name" {
  value = try(helm_release.this[0].name, null)
}

output "namespace" {
  value = try(helm_release.this[0].namespace, null)
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, null)
}
