# Interface of cloudposse/efs/aws 0.32 to 1: a file system, with automatic backups where they are asked for.
#
# Not modelled: mount targets, access points, policy, security group. None of them holds data or makes a copy of it.

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

variable "region" {
  type = string
}

variable "zone_id" {
  type    = list(string)
  default = []
}

variable "dns_name" {
  type    = string
  default = ""
}

module "dns" {
  source  = "cloudposse/route53-cluster-hostname/aws"
  version = "0.12.2"

  enabled  = module.this.enabled && length(var.zone_id) > 0
  dns_name = var.dns_name == "" ? module.this.id : var.dns_name
  ttl      = 60
  zone_id  = try(var.zone_id[0], null)
  records  = [format("%s.efs.%s.amazonaws.com", join("", aws_efs_file_system.default[*].id), var.region)]
  context  = module.this.context
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
