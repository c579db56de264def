# Interface of cloudposse/s3-bucket/aws 4: a bucket with its versioning (on unless switched off), default encryption, replication
# and access logging.
#
# Not modelled: policies, users, lifecycle rules, object lock retention, notifications. None of them makes a copy of the data.

variable "bucket_name" {
  type    = string
  default = null
}

variable "force_destroy" {
  type    = bool
  default = false
}

variable "versioning_enabled" {
  type    = bool
  default = true
}

variable "object_lock_configuration" {
  type    = any
  default = null
}

variable "logging" {
  type    = any
  default = []
}

variable "s3_replication_enabled" {
  type    = bool
  default = false
}

variable "s3_replica_bucket_arn" {
  type    = string
  default = ""
}

variable "s3_replication_rules" {
  type = list(object({
    id                               = optional(string)
    priority                         = optional(number)
    prefix                           = optional(string)
    status                           = optional(string, "Enabled")
    delete_marker_replication_status = optional(string, "Disabled")
    delete_marker_replication        = optional(object({ status = string }))
    destination_bucket               = optional(string)
    destination = object({
      bucket                     = optional(string)
      storage_class              = optional(string, "STANDARD")
      replica_kms_key_id         = optional(string, "")
      encryption_configuration   = optional(object({ replica_kms_key_id = string }))
      access_control_translation = optional(object({ owner = string }))
      account_id                 = optional(string)
      account                    = optional(string)
      metrics = optional(object({
        event_threshold = optional(object({ minutes = optional(number, 15) }), { minutes = 15 })
        status          = optional(string, "Enabled")
      }), { status = "Disabled" })
      replication_time = optional(object({
        time   = optional(object({ minutes = optional(number, 15) }), { minutes = 15 })
        status = optional(string)
      }))
    })
    source_selection_criteria = optional(object({
      replica_modifications     = optional(object({ status = string }))
      sse_kms_encrypted_objects = optional(object({ status = optional(string) }))
    }))
    filter = optional(object({
      prefix = optional(string)
      tags   = optional(map(string), {})
    }))
  }))
  default = null
}

variable "sse_algorithm" {
  type     = string
  default  = "AES256"
  nullable = false
}

variable "bucket_key_enabled" {
  type     = bool
  default  = false
  nullable = false
}

variable "kms_master_key_arn" {
  type     = string
  default  = ""
  nullable = false
}

variable "replication_rules" {
  type    = list(any)
  default = null
}

variable "create_s3_directory_bucket" {
  type    = bool
  default = false
}

variable "availability_zone_id" {
  type    = string
  default = ""
}

locals {
  name  = var.bucket_name != null && var.bucket_name != "" ? var.bucket_name : module.this.id
  id    = join("", aws_s3_bucket.default[*].id)
  rules = var.replication_rules != null ? var.replication_rules : var.s3_replication_rules
}

resource "aws_s3_bucket" "default" {
  count = module.this.enabled ? 1 : 0

  bucket              = local.name
  force_destroy       = var.force_destroy
  object_lock_enabled = module.this.enabled && var.object_lock_configuration != null
  tags                = module.this.tags
}

resource "aws_s3_directory_bucket" "default" {
  count = var.create_s3_directory_bucket ? 1 : 0

  bucket        = "${local.name}-${var.availability_zone_id}"
  force_destroy = var.force_destroy

  location {
    name = var.availability_zone_id
  }
}

resource "aws_s3_bucket_versioning" "default" {
  count = module.this.enabled ? 1 : 0

  bucket = local.id

  versioning_configuration {
    status = var.versioning_enabled ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "default" {
  count = module.this.enabled ? 1 : 0

  bucket = local.id

  rule {
    bucket_key_enabled = var.bucket_key_enabled

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.sse_algorithm
      kms_master_key_id = var.kms_master_key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "default" {
  for_each = toset(module.this.enabled && length(var.logging) > 0 ? ["enabled"] : [])

  bucket        = local.id
  target_bucket = var.logging[0].bucket_name
  target_prefix = var.logging[0].prefix
}

resource "aws_s3_bucket_replication_configuration" "default" {
  count = module.this.enabled && var.s3_replication_enabled ? 1 : 0

  bucket = local.id

  dynamic "rule" {
    for_each = local.rules == null ? [] : local.rules

    content {
      id       = rule.value.id
      priority = try(rule.value.priority, 0)
      status   = try(rule.value.status, null)

      delete_marker_replication {
        status = try(rule.value.delete_marker_replication.status, rule.value.delete_marker_replication_status, "Disabled")
      }

      destination {
        bucket        = coalesce(rule.value.destination.bucket, rule.value.destination_bucket, var.s3_replica_bucket_arn)
        storage_class = rule.value.destination.storage_class
        account       = try(coalesce(rule.value.destination.account, rule.value.destination.account_id), null)

        dynamic "encryption_configuration" {
          for_each = try([rule.value.destination.encryption_configuration.replica_kms_key_id], [compact(rule.value.destination.replica_kms_key_id)], [])

          content {
            replica_kms_key_id = encryption_configuration.value
          }
        }

        # Metrics switch the time control on unless it is switched off, and it needs metrics.
        dynamic "metrics" {
          for_each = try(rule.value.destination.metrics.status, "") == "Enabled" || try(rule.value.destination.replication_time.status, "") == "Enabled" ? [1] : []

          content {
            status = "Enabled"

            event_threshold {
              minutes = try(coalesce(rule.value.destination.metrics.event_threshold.minutes, 15), 15)
            }
          }
        }

        dynamic "replication_time" {
          for_each = (try(rule.value.destination.metrics.status, "") == "Enabled" && try(rule.value.destination.replication_time.status, "") != "Disabled") || try(rule.value.destination.replication_time.status, "") == "Enabled" ? [1] : []

          content {
            status = "Enabled"

            time {
              minutes = try(coalesce(rule.value.destination.replication_time.time.minutes, 15), 15)
            }
          }
        }

        dynamic "access_control_translation" {
          for_each = try(rule.value.destination.access_control_translation.owner, null) == null ? [] : [rule.value.destination.access_control_translation.owner]

          content {
            owner = access_control_translation.value
          }
        }
      }

      dynamic "source_selection_criteria" {
        for_each = try(rule.value.source_selection_criteria, null) == null ? [] : [rule.value.source_selection_criteria]

        content {
          replica_modifications {
            status = try(source_selection_criteria.value.replica_modifications.status, "Disabled")
          }

          sse_kms_encrypted_objects {
            status = try(source_selection_criteria.value.sse_kms_encrypted_objects.status, "Disabled")
          }
        }
      }

      dynamic "filter" {
        for_each = try(rule.value.filter, null) == null ? [{ prefix = null, tags = {} }] : [rule.value.filter]

        content {
          prefix = try(filter.value.prefix, rule.value.prefix, null)

          dynamic "tag" {
            for_each = try(filter.value.tags, {})

            content {
              key   = tag.key
              value = tag.value
            }
          }
        }
      }
    }
  }
}

output "enabled" {
  value = module.this.enabled
}

output "bucket_id" {
  value = module.this.enabled ? local.id : ""
}

output "bucket_arn" {
  value = module.this.enabled ? join("", aws_s3_bucket.default[*].arn) : ""
}

output "bucket_domain_name" {
  value = module.this.enabled ? join("", aws_s3_bucket.default[*].bucket_domain_name) : ""
}

output "bucket_regional_domain_name" {
  value = module.this.enabled ? join("", aws_s3_bucket.default[*].bucket_regional_domain_name) : ""
}

output "bucket_region" {
  value = module.this.enabled ? join("", aws_s3_bucket.default[*].region) : ""
}
