# Interface of terraform-aws-modules/dynamodb-table/aws 2 to 5: one table, under one of three names by how its capacity is managed.
#
# Not modelled: autoscaling, indexes, policies, streams. None of them holds data of its own or makes a copy of it.

variable "create_table" {
  type    = bool
  default = true
}

variable "autoscaling_enabled" {
  type    = bool
  default = false
}

variable "ignore_changes_global_secondary_index" {
  type    = bool
  default = false
}

variable "name" {
  type    = string
  default = null
}

variable "hash_key" {
  type    = string
  default = null
}

variable "range_key" {
  type    = string
  default = null
}

variable "billing_mode" {
  type    = string
  default = "PAY_PER_REQUEST"
}

variable "stream_enabled" {
  type    = bool
  default = false
}

variable "deletion_protection_enabled" {
  type    = bool
  default = null
}

variable "point_in_time_recovery_enabled" {
  type    = bool
  default = false
}

variable "point_in_time_recovery_period_in_days" {
  type    = number
  default = null
}

variable "replica_regions" {
  type    = any
  default = []
}

variable "global_table_witness" {
  type    = any
  default = null
}

variable "server_side_encryption_enabled" {
  type    = bool
  default = false
}

variable "server_side_encryption_kms_key_arn" {
  type    = string
  default = null
}

variable "region" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

resource "aws_dynamodb_table" "this" {
  count = var.create_table && !var.autoscaling_enabled ? 1 : 0

  name                        = var.name
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  billing_mode                = var.billing_mode
  stream_enabled              = var.stream_enabled
  deletion_protection_enabled = var.deletion_protection_enabled
  region                      = var.region
  tags                        = merge(var.tags, { Name = format("%s", var.name) })

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery_enabled
    recovery_period_in_days = var.point_in_time_recovery_period_in_days
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name                 = replica.value.region_name
      consistency_mode            = try(replica.value.consistency_mode, null)
      propagate_tags              = lookup(replica.value, "propagate_tags", null)
      kms_key_arn                 = lookup(replica.value, "kms_key_arn", null)
      point_in_time_recovery      = lookup(replica.value, "point_in_time_recovery", null)
      deletion_protection_enabled = lookup(replica.value, "deletion_protection_enabled", null)
    }
  }

  dynamic "global_table_witness" {
    for_each = var.global_table_witness == null ? [] : [var.global_table_witness]

    content {
      region_name = global_table_witness.value.region_name
    }
  }

  server_side_encryption {
    enabled     = var.server_side_encryption_enabled
    kms_key_arn = var.server_side_encryption_kms_key_arn
  }
}

resource "aws_dynamodb_table" "autoscaled" {
  count = var.create_table && var.autoscaling_enabled && !var.ignore_changes_global_secondary_index ? 1 : 0

  name                        = var.name
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  billing_mode                = var.billing_mode
  stream_enabled              = var.stream_enabled
  deletion_protection_enabled = var.deletion_protection_enabled
  region                      = var.region
  tags                        = merge(var.tags, { Name = format("%s", var.name) })

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery_enabled
    recovery_period_in_days = var.point_in_time_recovery_period_in_days
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name                 = replica.value.region_name
      consistency_mode            = try(replica.value.consistency_mode, null)
      propagate_tags              = lookup(replica.value, "propagate_tags", null)
      kms_key_arn                 = lookup(replica.value, "kms_key_arn", null)
      point_in_time_recovery      = lookup(replica.value, "point_in_time_recovery", null)
      deletion_protection_enabled = lookup(replica.value, "deletion_protection_enabled", null)
    }
  }

  dynamic "global_table_witness" {
    for_each = var.global_table_witness == null ? [] : [var.global_table_witness]

    content {
      region_name = global_table_witness.value.region_name
    }
  }

  server_side_encryption {
    enabled     = var.server_side_encryption_enabled
    kms_key_arn = var.server_side_encryption_kms_key_arn
  }
}

resource "aws_dynamodb_table" "autoscaled_gsi_ignore" {
  count = var.create_table && var.autoscaling_enabled && var.ignore_changes_global_secondary_index ? 1 : 0

  name                        = var.name
  hash_key                    = var.hash_key
  range_key                   = var.range_key
  billing_mode                = var.billing_mode
  stream_enabled              = var.stream_enabled
  deletion_protection_enabled = var.deletion_protection_enabled
  region                      = var.region
  tags                        = merge(var.tags, { Name = format("%s", var.name) })

  point_in_time_recovery {
    enabled                 = var.point_in_time_recovery_enabled
    recovery_period_in_days = var.point_in_time_recovery_period_in_days
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name                 = replica.value.region_name
      consistency_mode            = try(replica.value.consistency_mode, null)
      propagate_tags              = lookup(replica.value, "propagate_tags", null)
      kms_key_arn                 = lookup(replica.value, "kms_key_arn", null)
      point_in_time_recovery      = lookup(replica.value, "point_in_time_recovery", null)
      deletion_protection_enabled = lookup(replica.value, "deletion_protection_enabled", null)
    }
  }

  dynamic "global_table_witness" {
    for_each = var.global_table_witness == null ? [] : [var.global_table_witness]

    content {
      region_name = global_table_witness.value.region_name
    }
  }

  server_side_encryption {
    enabled     = var.server_side_encryption_enabled
    kms_key_arn = var.server_side_encryption_kms_key_arn
  }
}

output "dynamodb_table_arn" {
  value = try(aws_dynamodb_table.this[0].arn, aws_dynamodb_table.autoscaled[0].arn, aws_dynamodb_table.autoscaled_gsi_ignore[0].arn, "")
}

output "dynamodb_table_id" {
  value = try(aws_dynamodb_table.this[0].id, aws_dynamodb_table.autoscaled[0].id, aws_dynamodb_table.autoscaled_gsi_ignore[0].id, "")
}

output "dynamodb_table_stream_arn" {
  value = try(aws_dynamodb_table.this[0].stream_arn, aws_dynamodb_table.autoscaled[0].stream_arn, aws_dynamodb_table.autoscaled_gsi_ignore[0].stream_arn, "")
}

output "dynamodb_table_stream_label" {
  value = try(aws_dynamodb_table.this[0].stream_label, aws_dynamodb_table.autoscaled[0].stream_label, aws_dynamodb_table.autoscaled_gsi_ignore[0].stream_label, "")
}
