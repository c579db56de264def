# Interface of cloudposse/dynamodb/aws 0.30 to 0.37: a table and its replicas, which have no point-in-time recovery of their own.
#
# Not modelled: autoscaling, indexes. None of them holds data of its own or makes a copy of it.

variable "table_name" {
  type    = string
  default = null
}

variable "hash_key" {
  type = string
}

variable "range_key" {
  type    = string
  default = ""
}

variable "billing_mode" {
  type    = string
  default = "PROVISIONED"
}

variable "enable_streams" {
  type    = bool
  default = false
}

variable "enable_encryption" {
  type    = bool
  default = true
}

variable "server_side_encryption_kms_key_arn" {
  type    = string
  default = null
}

variable "enable_point_in_time_recovery" {
  type    = bool
  default = true
}

variable "deletion_protection_enabled" {
  type    = bool
  default = false
}

variable "replicas" {
  type    = list(string)
  default = []
}

variable "tags_enabled" {
  type    = bool
  default = true
}

resource "aws_dynamodb_table" "default" {
  count = module.this.enabled ? 1 : 0

  name                        = var.table_name != null && var.table_name != "" ? var.table_name : module.this.id
  billing_mode                = var.billing_mode
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  stream_enabled              = length(var.replicas) > 0 ? true : var.enable_streams
  deletion_protection_enabled = var.deletion_protection_enabled
  tags                        = var.tags_enabled ? module.this.tags : null

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }

  dynamic "replica" {
    for_each = var.replicas

    content {
      region_name            = replica.value
      point_in_time_recovery = false
    }
  }

  server_side_encryption {
    enabled     = var.enable_encryption
    kms_key_arn = var.server_side_encryption_kms_key_arn
  }
}

output "table_name" {
  value = join("", aws_dynamodb_table.default[*].name)
}

output "table_id" {
  value = join("", aws_dynamodb_table.default[*].id)
}

output "table_arn" {
  value = join("", aws_dynamodb_table.default[*].arn)
}

output "table_stream_arn" {
  value = join("", aws_dynamodb_table.default[*].stream_arn)
}
