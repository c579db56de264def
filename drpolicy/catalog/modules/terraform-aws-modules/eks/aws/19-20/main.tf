# Interface of terraform-aws-modules/eks/aws 19 and 20: the cluster, its OpenID Connect provider, and the key of its secrets in the nested module kms.
#
# Not modelled: node groups, add-ons, access, roles, security groups. What the cluster holds is told by its manifests, not by its nodes.

variable "create" {
  type    = bool
  default = true
}

variable "cluster_name" {
  type    = string
  default = ""
}

variable "cluster_version" {
  type    = string
  default = null
}

variable "create_kms_key" {
  type    = bool
  default = true
}

variable "outpost_config" {
  type    = any
  default = {}
}

variable "kms_key_description" {
  type    = string
  default = null
}

variable "kms_key_deletion_window_in_days" {
  type    = number
  default = null
}

variable "enable_kms_key_rotation" {
  type    = bool
  default = true
}

variable "enable_irsa" {
  type    = bool
  default = true
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "cluster_encryption_config" {
  type    = any
  default = { resources = ["secrets"] }
}

variable "cluster_tags" {
  type    = map(string)
  default = {}
}

resource "aws_eks_cluster" "this" {
  count = var.create ? 1 : 0

  name    = var.cluster_name
  version = var.cluster_version
  tags    = merge(var.tags, var.cluster_tags)
}

resource "aws_iam_openid_connect_provider" "oidc_provider" {
  count = var.create && var.enable_irsa && length(var.outpost_config) == 0 ? 1 : 0

  url  = aws_eks_cluster.this[0].identity[0].oidc[0].issuer
  tags = var.tags
}

module "kms" {
  source  = "terraform-aws-modules/kms/aws"
  version = "2.1.0"

  create                  = var.create && var.create_kms_key && length(var.cluster_encryption_config) > 0 && length(var.outpost_config) == 0
  description             = coalesce(var.kms_key_description, "${var.cluster_name} cluster encryption key")
  deletion_window_in_days = var.kms_key_deletion_window_in_days
  enable_key_rotation     = var.enable_kms_key_rotation
  tags                    = var.tags
}

output "cluster_arn" {
  value = try(aws_eks_cluster.this[0].arn, null)
}

output "cluster_name" {
  value = try(aws_eks_cluster.this[0].name, "")
}

output "cluster_id" {
  value = try(aws_eks_cluster.this[0].id, null)
}

output "cluster_endpoint" {
  value = try(aws_eks_cluster.this[0].endpoint, null)
}

output "kms_key_arn" {
  value = module.kms.key_arn
}

output "kms_key_id" {
  value = module.kms.key_id
}

output "cluster_oidc_issuer_url" {
  value = try(aws_eks_cluster.this[0].identity[0].oidc[0].issuer, null)
}

output "oidc_provider" {
  value = try(replace(aws_eks_cluster.this[0].identity[0].oidc[0].issuer, "https://", ""), null)
}

output "oidc_provider_arn" {
  value = try(aws_iam_openid_connect_provider.oidc_provider[0].arn, null)
}
