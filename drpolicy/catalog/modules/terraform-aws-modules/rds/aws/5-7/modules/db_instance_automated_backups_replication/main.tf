# Interface of the submodule db_instance_automated_backups_replication: made with the provider of the other region. All of it is modelled.

variable "create" {
  type    = bool
  default = true
}

variable "source_db_instance_arn" {
  type    = string
  default = null
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "retention_period" {
  type    = number
  default = 7
}

variable "region" {
  type    = string
  default = null
}

resource "aws_db_instance_automated_backups_replication" "this" {
  count = var.create ? 1 : 0

  source_db_instance_arn = var.source_db_instance_arn
  kms_key_id             = var.kms_key_arn
  retention_period       = var.retention_period
  region                 = var.region
}

output "db_instance_automated_backups_replication_id" {
  value = try(aws_db_instance_automated_backups_replication.this[0].id, null)
}
