# Interface of terraform-aws-modules/elasticache/aws 1: a replication group (the default), or a cluster without replicas.
#
# Not modelled: parameter, subnet and security groups, logs. None of them holds data or makes a copy of it.

variable "create" {
  type    = bool
  default = true
}

variable "create_cluster" {
  type    = bool
  default = false
}

variable "create_replication_group" {
  type    = bool
  default = true
}

variable "create_primary_global_replication_group" {
  type    = bool
  default = false
}

variable "create_secondary_global_replication_group" {
  type    = bool
  default = false
}

variable "cluster_id" {
  type    = string
  default = ""
}

variable "replication_group_id" {
  type    = string
  default = null
}

variable "engine" {
  type    = string
  default = "redis"
}

variable "engine_version" {
  type    = string
  default = null
}

variable "automatic_failover_enabled" {
  type    = bool
  default = null
}

variable "multi_az_enabled" {
  type    = bool
  default = false
}

variable "az_mode" {
  type    = string
  default = null
}

variable "cluster_mode_enabled" {
  type    = bool
  default = false
}

variable "num_cache_nodes" {
  type    = number
  default = 1
}

variable "num_cache_clusters" {
  type    = number
  default = null
}

variable "num_node_groups" {
  type    = number
  default = null
}

variable "replicas_per_node_group" {
  type    = number
  default = null
}

variable "global_replication_group_id" {
  type    = string
  default = null
}

variable "snapshot_retention_limit" {
  type    = number
  default = null
}

variable "snapshot_window" {
  type    = string
  default = null
}

variable "final_snapshot_identifier" {
  type    = string
  default = null
}

variable "at_rest_encryption_enabled" {
  type    = bool
  default = true
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  global = var.create_primary_global_replication_group || var.create_secondary_global_replication_group
}

resource "aws_elasticache_cluster" "this" {
  count = var.create && var.create_cluster ? 1 : 0

  cluster_id                = var.cluster_id
  replication_group_id      = var.replication_group_id
  engine                    = var.replication_group_id == null ? var.engine : null
  az_mode                   = var.replication_group_id == null ? var.az_mode : null
  num_cache_nodes           = var.replication_group_id == null ? var.num_cache_nodes : null
  snapshot_retention_limit  = var.replication_group_id == null ? var.snapshot_retention_limit : null
  final_snapshot_identifier = var.final_snapshot_identifier
}

resource "aws_elasticache_replication_group" "this" {
  count = var.create && var.create_replication_group && !local.global ? 1 : 0

  replication_group_id        = var.replication_group_id
  engine                      = var.engine
  engine_version              = var.engine_version
  automatic_failover_enabled  = var.multi_az_enabled || var.cluster_mode_enabled ? true : var.automatic_failover_enabled
  multi_az_enabled            = var.multi_az_enabled
  num_cache_clusters          = var.cluster_mode_enabled ? null : var.num_cache_clusters
  num_node_groups             = var.cluster_mode_enabled ? var.num_node_groups : null
  replicas_per_node_group     = var.replicas_per_node_group
  global_replication_group_id = var.global_replication_group_id
  snapshot_retention_limit    = var.snapshot_retention_limit
  snapshot_window             = var.snapshot_window
  final_snapshot_identifier   = var.final_snapshot_identifier
  at_rest_encryption_enabled  = var.at_rest_encryption_enabled
  kms_key_id                  = var.at_rest_encryption_enabled ? var.kms_key_arn : null
  tags                        = merge(var.tags, { terraform-aws-modules = "elasticache" })
}

resource "aws_elasticache_replication_group" "global" {
  count = var.create && var.create_replication_group && local.global ? 1 : 0

  replication_group_id        = var.replication_group_id
  engine                      = var.create_secondary_global_replication_group ? null : var.engine
  engine_version              = var.create_secondary_global_replication_group ? null : var.engine_version
  automatic_failover_enabled  = var.multi_az_enabled || var.cluster_mode_enabled ? true : var.automatic_failover_enabled
  multi_az_enabled            = var.multi_az_enabled
  num_cache_clusters          = var.cluster_mode_enabled ? null : var.num_cache_clusters
  num_node_groups             = var.cluster_mode_enabled ? var.num_node_groups : null
  replicas_per_node_group     = var.replicas_per_node_group
  global_replication_group_id = var.create_secondary_global_replication_group ? var.global_replication_group_id : null
  snapshot_retention_limit    = var.snapshot_retention_limit
  snapshot_window             = var.snapshot_window
  final_snapshot_identifier   = var.final_snapshot_identifier
  at_rest_encryption_enabled  = var.create_secondary_global_replication_group ? null : var.at_rest_encryption_enabled
  kms_key_id                  = var.at_rest_encryption_enabled ? var.kms_key_arn : null
  tags                        = merge(var.tags, { terraform-aws-modules = "elasticache" })
}

resource "aws_elasticache_global_replication_group" "this" {
  count = var.create && var.create_replication_group && var.create_primary_global_replication_group ? 1 : 0

  primary_replication_group_id = aws_elasticache_replication_group.global[0].id
}

output "cluster_arn" {
  value = try(aws_elasticache_cluster.this[0].arn, null)
}

output "replication_group_arn" {
  value = try(aws_elasticache_replication_group.this[0].arn, aws_elasticache_replication_group.global[0].arn, null)
}

output "replication_group_id" {
  value = try(aws_elasticache_replication_group.this[0].id, aws_elasticache_replication_group.global[0].id, null)
}

output "replication_group_primary_endpoint_address" {
  value = try(aws_elasticache_replication_group.this[0].primary_endpoint_address, aws_elasticache_replication_group.global[0].primary_endpoint_address, null)
}

output "replication_group_reader_endpoint_address" {
  value = try(aws_elasticache_replication_group.this[0].reader_endpoint_address, aws_elasticache_replication_group.global[0].reader_endpoint_address, null)
}

output "replication_group_port" {
  value = try(aws_elasticache_replication_group.this[0].port, aws_elasticache_replication_group.global[0].port, null)
}

output "global_replication_group_id" {
  value = try(aws_elasticache_global_replication_group.this[0].id, null)
}
