# Interface of terraform-aws-modules/rds/aws 5 to 7: one RDS instance in the nested module db_instance.
#
# Not modelled: subnet, parameter and option groups, monitoring, log groups, secret rotation, role associations. None of them holds
# data or makes a copy of it. `blue_green_update = {}` counts as not given, as in 5 and 6.

variable "create_db_instance" {
  type    = bool
  default = true
}

variable "identifier" {
  type = string
}

variable "instance_use_identifier_prefix" {
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

module "db_instance" {
  source = "./modules/db_instance"

  create                           = var.create_db_instance
  identifier                       = var.identifier
  use_identifier_prefix            = var.instance_use_identifier_prefix
  engine                           = var.engine
  engine_version                   = var.engine_version
  instance_class                   = var.instance_class
  storage_encrypted                = var.storage_encrypted
  kms_key_id                       = var.kms_key_id
  availability_zone                = var.availability_zone
  multi_az                         = var.multi_az
  replicate_source_db              = var.replicate_source_db
  snapshot_identifier              = var.snapshot_identifier
  skip_final_snapshot              = var.skip_final_snapshot
  final_snapshot_identifier_prefix = var.final_snapshot_identifier_prefix
  backup_retention_period          = var.backup_retention_period
  backup_window                    = var.backup_window
  blue_green_update                = var.blue_green_update
  delete_automated_backups         = var.delete_automated_backups
  deletion_protection              = var.deletion_protection
  region                           = var.region
  tags                             = var.tags
  db_instance_tags                 = var.db_instance_tags
}

output "db_instance_address" {
  value = module.db_instance.db_instance_address
}

output "db_instance_arn" {
  value = module.db_instance.db_instance_arn
}

output "db_instance_endpoint" {
  value = module.db_instance.db_instance_endpoint
}

output "db_instance_id" {
  value = module.db_instance.db_instance_id
}

output "db_instance_identifier" {
  value = module.db_instance.db_instance_identifier
}

output "db_instance_resource_id" {
  value = module.db_instance.db_instance_resource_id
}
