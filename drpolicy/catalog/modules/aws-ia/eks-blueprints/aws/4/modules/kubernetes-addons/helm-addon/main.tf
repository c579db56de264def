# Interface of the submodule helm-addon, one chart. Not modelled: its role.

variable "helm_config" {
  type = any
}

variable "manage_via_gitops" {
  type    = bool
  default = false
}

resource "helm_release" "addon" {
  count = var.manage_via_gitops ? 0 : 1

  name       = var.helm_config["name"]
  repository = try(var.helm_config["repository"], null)
  chart      = var.helm_config["chart"]
  version    = try(var.helm_config["version"], null)
  namespace  = var.helm_config["namespace"]
  values     = try(var.helm_config["values"], null)

  dynamic "set" {
    for_each = try(var.helm_config["set"], null) != null ? var.helm_config["set"] : []

    content {
      name  = set.value.name
      value = set.value.value
      type  = try(set.value.type, null)
    }
  }

  dynamic "set_sensitive" {
    for_each = try(var.helm_config["set_sensitive"], null) != null ? var.helm_config["set_sensitive"] : []

    content {
      name  = set_sensitive.value.name
      value = set_sensitive.value.value
      type  = try(set_sensitive.value.type, null)
    }
  }
}
