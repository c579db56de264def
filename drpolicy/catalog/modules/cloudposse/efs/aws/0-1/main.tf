# Interface of cloudposse/efs/aws 0.32 to 1: a file system, with automatic backups where they are asked for.
#
# Not modelled: mount targets, access points, policy, security group, DNS. None of them holds data or makes a copy of it.

variable "availability_zone_name" {
  type    = string
  default = null
}

variable "encrypted" {
  type    = bool
  default = true
}

variable "kms_key_id" {
  type    = string
  default = null
}

variable "efs_backup_policy_enabled" {
  type    = bool
  default = false
}

resource "aws_efs_file_system" "default" {
  count = module.this.enabled ? 1 : 0

  availability_zone_name = var.availability_zone_name
  encrypted              = var.encrypted
  kms_key_id             = var.kms_key_id
  tags                   = module.this.tags
}

resource "aws_efs_backup_policy" "policy" {
  count = module.this.enabled ? 1 : 0

  file_system_id = join("", aws_efs_file_system.default[*].id)

  backup_policy {
    status = var.efs_backup_policy_enabled ? "ENABLED" : "DISABLED"
  }
}

output "arn" {
  value = module.this.enabled ? join("", aws_efs_file_system.default[*].arn) : null
}

output "id" {
  value = module.this.enabled ? join("", aws_efs_file_system.default[*].id) : null
}
