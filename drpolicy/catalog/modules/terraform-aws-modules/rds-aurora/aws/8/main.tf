# Interface of terraform-aws-modules/rds-aurora/aws 8: a cluster and its instances.
#
# Not modelled: subnet, parameter and security groups, endpoints, roles, monitoring, activity streams, shard groups, secret rotation, and the
# instances that autoscaling adds and removes: none of them is certain to stand in another zone.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "cluster_use_name_prefix" {
  type    = bool
  default = false
}

variable "engine" {
  type    = string
  default = null
}

variable "engine_mode" {
  type    = string
  default = "provisioned"
}

variable "engine_version" {
  type    = string
  default = null
}

variable "allocated_storage" {
  type    = number
  default = null
}

variable "db_cluster_instance_class" {
  type    = string
  default = null
}

variable "availability_zones" {
  type    = list(string)
  default = null
}

variable "backup_retention_period" {
  type    = number
  default = 7
}

variable "deletion_protection" {
  type    = bool
  default = null
}

variable "skip_final_snapshot" {
  type    = bool
  default = false
}

variable "final_snapshot_identifier" {
  type    = string
  default = null
}

variable "snapshot_identifier" {
  type    = string
  default = null
}

variable "global_cluster_identifier" {
  type    = string
  default = null
}

variable "replication_source_identifier" {
  type    = string
  default = null
}

variable "source_region" {
  type    = string
  default = null
}

variable "storage_encrypted" {
  type    = bool
  default = true
}

variable "kms_key_id" {
  type    = string
  default = null
}

variable "instances" {
  type    = any
  default = {}
}

variable "instances_use_identifier_prefix" {
  type    = bool
  default = false
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "cluster_tags" {
  type    = map(string)
  default = {}
}

resource "aws_rds_cluster" "this" {
  count = var.create ? 1 : 0

  cluster_identifier            = var.cluster_use_name_prefix ? null : var.name
  cluster_identifier_prefix     = var.cluster_use_name_prefix ? "${var.name}-" : null
  engine                        = var.engine
  engine_mode                   = var.engine_mode
  engine_version                = var.engine_version
  allocated_storage             = var.allocated_storage
  db_cluster_instance_class     = var.db_cluster_instance_class
  availability_zones            = var.availability_zones
  backup_retention_period       = var.backup_retention_period
  deletion_protection           = var.deletion_protection
  skip_final_snapshot           = var.skip_final_snapshot
  final_snapshot_identifier     = var.final_snapshot_identifier
  snapshot_identifier           = var.snapshot_identifier
  global_cluster_identifier     = var.global_cluster_identifier
  replication_source_identifier = var.replication_source_identifier
  source_region                 = var.source_region
  storage_encrypted             = var.storage_encrypted
  kms_key_id                    = var.kms_key_id
  tags                          = merge(var.tags, var.cluster_tags)
}

resource "aws_rds_cluster_instance" "this" {
  for_each = { for name, instance in var.instances : name => instance if var.create && var.engine_mode != "serverless" }

  cluster_identifier = aws_rds_cluster.this[0].id
  availability_zone  = try(each.value.availability_zone, null)
  engine             = var.engine
  engine_version     = var.engine_version
  identifier         = var.instances_use_identifier_prefix ? null : try(coalesce(each.value.identifier, "${var.name}-${each.key}"), "${var.name}-${each.key}")
  promotion_tier     = try(each.value.promotion_tier, null)
  tags               = merge(var.tags, try(each.value.tags, {}))
}

output "cluster_arn" {
  value = try(aws_rds_cluster.this[0].arn, null)
}

output "cluster_id" {
  value = try(aws_rds_cluster.this[0].id, null)
}

output "cluster_resource_id" {
  value = try(aws_rds_cluster.this[0].cluster_resource_id, null)
}

output "cluster_members" {
  value = try(aws_rds_cluster.this[0].cluster_members, null)
}

output "cluster_endpoint" {
  value = try(aws_rds_cluster.this[0].endpoint, null)
}

output "cluster_reader_endpoint" {
  value = try(aws_rds_cluster.this[0].reader_endpoint, null)
}

output "cluster_port" {
  value = try(aws_rds_cluster.this[0].port, null)
}

output "cluster_instances" {
  value = aws_rds_cluster_instance.this
}
