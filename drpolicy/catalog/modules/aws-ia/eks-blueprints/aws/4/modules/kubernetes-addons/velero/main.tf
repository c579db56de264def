# Interface of the submodule velero, with what the caller says of its release on top. Not modelled: its role.

variable "helm_config" {
  type    = any
  default = {}
}

variable "manage_via_gitops" {
  type    = bool
  default = false
}

variable "backup_s3_bucket" {
  type    = string
  default = ""
}

data "aws_region" "current" {}

module "helm_addon" {
  source = "../helm-addon"

  manage_via_gitops = false
  helm_config = merge(
    {
      name      = "velero"
      chart     = "velero"
      namespace = try(var.helm_config.namespace, "velero")
      values = [yamlencode({
        configuration = {
          provider               = "aws"
          backupStorageLocation  = { bucket = var.backup_s3_bucket }
          volumeSnapshotLocation = { config = { region = data.aws_region.current.name } }
        }
        credentials = { useSecret = false }
      })]
    },
    var.helm_config,
  )
}
