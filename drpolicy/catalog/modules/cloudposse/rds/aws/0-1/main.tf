# Interface of cloudposse/rds/aws 0.38 to 1: one RDS instance; without a retention period it has no backups, and no final snapshot.
#
# Not modelled: subnet, parameter, option and security groups. None of them holds data or makes a copy of it.

variable "engine" {
  type    = string
  default = null
}

variable "engine_version" {
  type = string
}

variable "instance_class" {
  type = string
}

variable "storage_encrypted" {
  type    = bool
  default = true
}

variable "kms_key_arn" {
  type    = string
  default = ""
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
  default = true
}

variable "final_snapshot_identifier" {
  type    = string
  default = ""
}

variable "backup_retention_period" {
  type    = number
  default = 0
}

variable "deletion_protection" {
  type    = bool
  default = false
}

variable "dns_zone_id" {
  type    = string
  default = ""
}

variable "host_name" {
  type    = string
  default = "db"
}

module "dns_host_name" {
  source  = "cloudposse/route53-cluster-hostname/aws"
  version = "0.12.2"

  enabled  = length(var.dns_zone_id) > 0 && module.this.enabled
  dns_name = var.host_name
  zone_id  = var.dns_zone_id
  records  = coalescelist(aws_db_instance.default[*].address, [""])
  context  = module.this.context
}

locals {
  replica = var.replicate_source_db == null ? false : length(var.replicate_source_db) > 0
}

module "final_snapshot_label" {
  source  = "cloudposse/label/null"
  version = "0.25.0"

  attributes = ["final", "snapshot"]
  context    = module.this.context
}

resource "aws_db_instance" "default" {
  count = module.this.enabled ? 1 : 0

  identifier                = module.this.id
  engine                    = local.replica ? null : var.engine
  engine_version            = local.replica ? null : var.engine_version
  instance_class            = var.instance_class
  storage_encrypted         = var.storage_encrypted
  kms_key_id                = var.kms_key_arn
  availability_zone         = var.multi_az ? null : var.availability_zone
  multi_az                  = var.multi_az
  replicate_source_db       = var.replicate_source_db
  snapshot_identifier       = var.snapshot_identifier
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = length(var.final_snapshot_identifier) > 0 ? var.final_snapshot_identifier : module.final_snapshot_label.id
  backup_retention_period   = var.backup_retention_period
  deletion_protection       = var.deletion_protection
  tags                      = module.this.tags
}

output "instance_id" {
  value = join("", aws_db_instance.default[*].identifier)
}

output "instance_arn" {
  value = join("", aws_db_instance.default[*].arn)
}

output "instance_address" {
  value = join("", aws_db_instance.default[*].address)
}

output "instance_endpoint" {
  value = join("", aws_db_instance.default[*].endpoint)
}

output "resource_id" {
  value = join("", aws_db_instance.default[*].resource_id)
}

output "hostname" {
  value = module.dns_host_name.hostname
}
