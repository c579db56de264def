# Interface of cloudposse/helm-release/aws 0.7 to 0.10: one chart, and a role for its service account.
#
# Not modelled: the role, its policy, the namespace, and what of the release says how it is installed. None of them holds data.

variable "chart" {
  type = string
}

variable "chart_version" {
  type    = string
  default = null
}

variable "repository" {
  type    = string
  default = null
}

variable "release_name" {
  type    = string
  default = ""
}

variable "kubernetes_namespace" {
  type    = string
  default = null
}

variable "values" {
  type    = any
  default = null
}

variable "set" {
  type = list(object({
    name  = string
    value = string
    type  = string
  }))
  default = []
}

variable "set_sensitive" {
  type = list(object({
    name  = string
    value = string
    type  = string
  }))
  default = []
}

resource "helm_release" "this" {
  count = module.this.enabled ? 1 : 0

  name       = coalesce(var.release_name, module.this.name, var.chart)
  chart      = var.chart
  version    = var.chart_version
  repository = var.repository
  namespace  = var.kubernetes_namespace
  values     = var.values

  dynamic "set" {
    for_each = var.set

    content {
      name  = set.value["name"]
      value = set.value["value"]
      type  = set.value["type"]
    }
  }

  dynamic "set_sensitive" {
    for_each = var.set_sensitive

    content {
      name  = set_sensitive.value["name"]
      value = set_sensitive.value["value"]
      type  = set_sensitive.value["type"]
    }
  }
}

output "metadata" {
  value = try(helm_release.this[0].metadata, null)
}
