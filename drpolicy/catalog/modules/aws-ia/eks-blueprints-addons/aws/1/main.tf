# Interface of aws-ia/eks-blueprints-addons/aws 0.2 to 1: Velero, releases that are given by the caller, and queues of two add-ons.
#
# Not modelled: the other add-ons, roles, policies and log groups. None of them holds data or makes a copy of it.

variable "cluster_name" {
  type = string
}

variable "create_kubernetes_resources" {
  type    = bool
  default = true
}

variable "enable_velero" {
  type    = bool
  default = false
}

variable "velero" {
  type    = any
  default = {}
}

variable "helm_releases" {
  type    = any
  default = {}
}

variable "enable_aws_node_termination_handler" {
  type    = bool
  default = false
}

variable "aws_node_termination_handler_sqs" {
  type    = any
  default = {}
}

variable "enable_karpenter" {
  type    = bool
  default = false
}

variable "karpenter_enable_spot_termination" {
  type    = bool
  default = true
}

variable "karpenter_sqs" {
  type    = any
  default = {}
}

data "aws_region" "current" {}

locals {
  # An ARN, with the prefix behind the first slash.
  location = split("/", lookup(var.velero, "s3_backup_location", ""))
  arn      = split(":", local.location[0])
  bucket   = length(local.arn) > 5 ? local.arn[5] : ""
  prefix   = length(local.location) > 1 ? local.location[1] : ""
}

module "velero" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create         = var.enable_velero
  create_release = var.create_kubernetes_resources

  name          = try(var.velero.name, "velero")
  namespace     = try(var.velero.namespace, "velero")
  chart         = try(var.velero.chart, "velero")
  chart_version = try(var.velero.chart_version, null)
  repository    = try(var.velero.repository, null)
  values        = try(var.velero.values, [])

  set = concat(
    [
      { name = "configuration.provider", value = "aws" },
      { name = "configuration.backupStorageLocation.prefix", value = local.prefix },
      { name = "configuration.backupStorageLocation.bucket", value = local.bucket },
      { name = "configuration.backupStorageLocation.config.region", value = data.aws_region.current.name },
      { name = "configuration.volumeSnapshotLocation.config.region", value = data.aws_region.current.name },
      { name = "credentials.useSecret", value = false },
    ],
    try(var.velero.set, []),
  )
  set_sensitive = try(var.velero.set_sensitive, [])

  set_irsa_names = ["serviceAccount.server.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role    = try(var.velero.create_role, true)
}

resource "helm_release" "this" {
  for_each = var.helm_releases

  name       = try(each.value.name, each.key)
  namespace  = try(each.value.namespace, null)
  chart      = each.value.chart
  version    = try(each.value.chart_version, null)
  repository = try(each.value.repository, null)
  values     = try(each.value.values, [])

  dynamic "set" {
    for_each = try(each.value.set, [])

    content {
      name  = set.value.name
      value = set.value.value
      type  = try(set.value.type, null)
    }
  }

  dynamic "set_sensitive" {
    for_each = try(each.value.set_sensitive, [])

    content {
      name  = set_sensitive.value.name
      value = set_sensitive.value.value
      type  = try(set_sensitive.value.type, null)
    }
  }
}

module "aws_node_termination_handler_sqs" {
  source = "./queue"

  create = var.enable_aws_node_termination_handler
  name   = try(var.aws_node_termination_handler_sqs.queue_name, "aws-nth-${var.cluster_name}")
}

module "karpenter_sqs" {
  source = "./queue"

  create = var.enable_karpenter && var.karpenter_enable_spot_termination
  name   = try(var.karpenter_sqs.queue_name, "karpenter-${var.cluster_name}")
}

output "velero" {
  value = module.velero
}

output "helm_releases" {
  value = helm_release.this
}
