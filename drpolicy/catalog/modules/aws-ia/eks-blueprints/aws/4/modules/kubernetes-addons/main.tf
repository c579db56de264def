# Interface of modules/kubernetes-addons of aws-ia/terraform-aws-eks-blueprints 4: Velero.
#
# Not modelled: the other add-ons, roles and policies. None of them holds data or makes a copy of it.

variable "enable_velero" {
  type    = bool
  default = false
}

variable "velero_helm_config" {
  type    = any
  default = null
}

variable "velero_backup_s3_bucket" {
  type    = string
  default = ""
}

variable "argocd_manage_add_ons" {
  type    = bool
  default = false
}

module "velero" {
  source = "./velero"
  count  = var.enable_velero ? 1 : 0

  helm_config       = var.velero_helm_config
  manage_via_gitops = var.argocd_manage_add_ons
  backup_s3_bucket  = var.velero_backup_s3_bucket
}
