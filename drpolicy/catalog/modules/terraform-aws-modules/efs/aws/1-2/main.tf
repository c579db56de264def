# Interface of terraform-aws-modules/efs/aws 1 and 2: a file system, its automatic backups (on unless switched off) and its replication.
#
# Not modelled: policy, mount targets, access points, security group. None of them holds data or makes a copy of it. The
# input `region` of 2 is for the mount targets: the file system is in the provider's region.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "availability_zone_name" {
  type    = string
  default = null
}

variable "creation_token" {
  type    = string
  default = null
}

variable "encrypted" {
  type    = bool
  default = true
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "create_backup_policy" {
  type    = bool
  default = true
}

variable "enable_backup_policy" {
  type    = bool
  default = true
}

variable "create_replication_configuration" {
  type    = bool
  default = false
}

variable "replication_configuration_destination" {
  type    = any
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  destination = var.replication_configuration_destination == null ? {} : var.replication_configuration_destination
}

resource "aws_efs_file_system" "this" {
  count = var.create ? 1 : 0

  availability_zone_name = var.availability_zone_name
  creation_token         = var.creation_token
  encrypted              = var.encrypted
  kms_key_id             = var.kms_key_arn
  tags                   = merge(var.tags, { Name = var.name })
}

resource "aws_efs_backup_policy" "this" {
  count = var.create && var.create_backup_policy ? 1 : 0

  file_system_id = aws_efs_file_system.this[0].id

  backup_policy {
    status = var.enable_backup_policy ? "ENABLED" : "DISABLED"
  }
}

resource "aws_efs_replication_configuration" "this" {
  count = var.create && var.create_replication_configuration ? 1 : 0

  source_file_system_id = aws_efs_file_system.this[0].id

  dynamic "destination" {
    for_each = [local.destination]

    content {
      availability_zone_name = try(destination.value.availability_zone_name, null)
      file_system_id         = try(destination.value.file_system_id, null)
      kms_key_id             = try(destination.value.kms_key_id, null)
      region                 = try(destination.value.region, null)
    }
  }
}

output "arn" {
  value = try(aws_efs_file_system.this[0].arn, null)
}

output "id" {
  value = try(aws_efs_file_system.this[0].id, null)
}

output "dns_name" {
  value = try(aws_efs_file_system.this[0].dns_name, null)
}

output "replication_configuration_destination_file_system_id" {
  value = try(aws_efs_replication_configuration.this[0].destination[0].file_system_id, null)
}
