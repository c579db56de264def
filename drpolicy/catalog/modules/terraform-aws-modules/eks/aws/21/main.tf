# Interface of terraform-aws-modules/eks/aws 21: the cluster, its OpenID Connect provider, and the key of its secrets in the nested module kms.
#
# Not modelled: node groups, add-ons, access, roles, security groups. What the cluster holds is told by its manifests, not by its nodes.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "kubernetes_version" {
  type    = string
  default = null
}

variable "create_kms_key" {
  type    = bool
  default = true
}

variable "outpost_config" {
  type    = any
  default = null
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

variable "encryption_config" {
  type    = any
  default = {}
}

variable "cluster_tags" {
  type    = map(string)
  default = {}
}

variable "deletion_protection" {
  type    = bool
  default = null
}

variable "region" {
  type    = string
  default = null
}

resource "aws_eks_cluster" "this" {
  count = var.create ? 1 : 0

  name                = var.name
  version             = var.kubernetes_version
  deletion_protection = var.deletion_protection
  region              = var.region
  tags                = merge(var.tags, var.cluster_tags)
}

resource "aws_iam_openid_connect_provider" "oidc_provider" {
  count = var.create && var.enable_irsa && var.outpost_config == null ? 1 : 0

  url  = aws_eks_cluster.this[0].identity[0].oidc[0].issuer
  tags = var.tags
}

module "kms" {
  source  = "terraform-aws-modules/kms/aws"
  version = "4.0.0"

  create                  = var.create && var.create_kms_key && var.encryption_config != null && var.outpost_config == null
  description             = coalesce(var.kms_key_description, "${var.name} cluster encryption key")
  deletion_window_in_days = var.kms_key_deletion_window_in_days
  enable_key_rotation     = var.enable_kms_key_rotation
  region                  = var.region
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
