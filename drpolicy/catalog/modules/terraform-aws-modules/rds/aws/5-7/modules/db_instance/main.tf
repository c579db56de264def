# Interface of the submodule db_instance. Not modelled: monitoring, log groups, secret rotation.

variable "create" {
  type    = bool
  default = true
}

variable "identifier" {
  type = string
}

variable "use_identifier_prefix" {
  type    = bool
  default = false
}

variable "engine" {
  type    = string
  default = null
}

variable "engine_version" {
  type    = string
  default = null
}

variable "instance_class" {
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

variable "availability_zone" {
  type    = string
  default = null
}

variable "multi_az" {
  type    = bool
  default = false
}

variable "replicate_source_db" {
  type    = string
  default = null
}

variable "snapshot_identifier" {
  type    = string
  default = null
}

variable "skip_final_snapshot" {
  type    = bool
  default = false
}

variable "final_snapshot_identifier_prefix" {
  type    = string
  default = "final"
}

variable "backup_retention_period" {
  type    = number
  default = null
}

variable "backup_window" {
  type    = string
  default = null
}

variable "blue_green_update" {
  default = null
}

variable "delete_automated_backups" {
  type    = bool
  default = true
}

variable "deletion_protection" {
  type    = bool
  default = false
}

variable "region" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "db_instance_tags" {
  type    = map(string)
  default = {}
}

locals {
  replica = var.replicate_source_db != null
  # Blue/green deployments need backups: without a period of its own the instance gets one day.
  blue_green = var.blue_green_update == null ? false : length(var.blue_green_update) > 0
}

# Part of the name of the final snapshot; the suffix is drawn when it is applied.
resource "random_id" "snapshot_identifier" {
  count       = var.create && !var.skip_final_snapshot ? 1 : 0
  byte_length = 4
}

resource "aws_db_instance" "this" {
  count = var.create ? 1 : 0

  identifier                = var.use_identifier_prefix ? null : var.identifier
  identifier_prefix         = var.use_identifier_prefix ? "${var.identifier}-" : null
  engine                    = local.replica ? null : var.engine
  engine_version            = var.engine_version
  instance_class            = var.instance_class
  storage_encrypted         = var.storage_encrypted
  kms_key_id                = var.kms_key_id
  availability_zone         = var.availability_zone
  multi_az                  = var.multi_az
  replicate_source_db       = var.replicate_source_db
  snapshot_identifier       = var.snapshot_identifier
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${var.final_snapshot_identifier_prefix}-${var.identifier}-${random_id.snapshot_identifier[0].hex}"
  backup_retention_period   = local.blue_green ? coalesce(var.backup_retention_period, 1) : var.backup_retention_period
  backup_window             = var.backup_window
  delete_automated_backups  = var.delete_automated_backups
  deletion_protection       = var.deletion_protection
  region                    = var.region
  tags                      = merge(var.tags, var.db_instance_tags)
}

output "db_instance_address" {
  value = try(aws_db_instance.this[0].address, null)
}

output "db_instance_arn" {
  value = try(aws_db_instance.this[0].arn, null)
}

output "db_instance_endpoint" {
  value = try(aws_db_instance.this[0].endpoint, null)
}

output "db_instance_id" {
  value = try(aws_db_instance.this[0].id, null)
}

output "db_instance_identifier" {
  value = try(aws_db_instance.this[0].identifier, null)
}

output "db_instance_resource_id" {
  value = try(aws_db_instance.this[0].resource_id, null)
}
