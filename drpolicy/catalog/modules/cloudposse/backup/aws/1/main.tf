# Interface of cloudposse/backup/aws 1: a vault with its lock, a plan with its rules and copies, a selection.
#
# Not modelled: roles.

variable "rules" {
  type = list(object({
    name                     = string
    schedule                 = optional(string)
    enable_continuous_backup = optional(bool)
    start_window             = optional(number)
    completion_window        = optional(number)
    lifecycle = optional(object({
      cold_storage_after                        = optional(number)
      delete_after                              = optional(number)
      opt_in_to_archive_for_supported_resources = optional(bool)
    }))
    copy_action = optional(object({
      destination_vault_arn = optional(string)
      lifecycle = optional(object({
        cold_storage_after                        = optional(number)
        delete_after                              = optional(number)
        opt_in_to_archive_for_supported_resources = optional(bool)
      }))
    }))
  }))
  default = []
}

variable "backup_resources" {
  type    = list(string)
  default = []
}

variable "not_resources" {
  type    = list(string)
  default = []
}

variable "selection_tags" {
  type    = any
  default = []
}

variable "selection_conditions" {
  type = object({
    string_equals     = optional(list(object({ key = string, value = string })), [])
    string_like       = optional(list(object({ key = string, value = string })), [])
    string_not_equals = optional(list(object({ key = string, value = string })), [])
    string_not_like   = optional(list(object({ key = string, value = string })), [])
  })
  default = {}
}

variable "plan_enabled" {
  type    = bool
  default = true
}

variable "plan_name_suffix" {
  type    = string
  default = null
}

variable "vault_enabled" {
  type    = bool
  default = true
}

variable "vault_name" {
  type    = string
  default = null
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "backup_vault_lock_configuration" {
  type    = any
  default = null
}

locals {
  vault_enabled = module.this.enabled && var.vault_enabled
  vault_name    = module.this.enabled ? coalesce(var.vault_name, module.this.id) : null
}

resource "aws_backup_vault" "default" {
  count = local.vault_enabled ? 1 : 0

  name        = local.vault_name
  kms_key_arn = var.kms_key_arn
  tags        = module.this.tags
}

data "aws_backup_vault" "existing" {
  count = module.this.enabled && !var.vault_enabled ? 1 : 0

  name = local.vault_name
}

resource "aws_backup_vault_lock_configuration" "default" {
  count = local.vault_enabled && var.backup_vault_lock_configuration != null ? 1 : 0

  backup_vault_name   = aws_backup_vault.default[0].id
  changeable_for_days = try(var.backup_vault_lock_configuration.changeable_for_days, null)
  max_retention_days  = try(var.backup_vault_lock_configuration.max_retention_days, null)
  min_retention_days  = try(var.backup_vault_lock_configuration.min_retention_days, null)
}

resource "aws_backup_plan" "default" {
  count = module.this.enabled && var.plan_enabled ? 1 : 0

  name = var.plan_name_suffix == null ? module.this.id : format("%s_%s", module.this.id, var.plan_name_suffix)
  tags = module.this.tags

  dynamic "rule" {
    for_each = var.rules

    content {
      rule_name                = rule.value.name
      target_vault_name        = join("", local.vault_enabled ? aws_backup_vault.default[*].name : data.aws_backup_vault.existing[*].name)
      schedule                 = rule.value.schedule
      start_window             = rule.value.start_window
      completion_window        = rule.value.completion_window
      enable_continuous_backup = rule.value.enable_continuous_backup
      recovery_point_tags      = module.this.tags

      dynamic "lifecycle" {
        for_each = rule.value.lifecycle != null ? [rule.value.lifecycle] : []

        content {
          cold_storage_after                        = lifecycle.value.cold_storage_after
          delete_after                              = lifecycle.value.delete_after
          opt_in_to_archive_for_supported_resources = lifecycle.value.opt_in_to_archive_for_supported_resources
        }
      }

      dynamic "copy_action" {
        for_each = try(rule.value.copy_action.destination_vault_arn, null) != null ? [rule.value.copy_action] : []

        content {
          destination_vault_arn = copy_action.value.destination_vault_arn

          dynamic "lifecycle" {
            for_each = copy_action.value.lifecycle != null ? [copy_action.value.lifecycle] : []

            content {
              cold_storage_after                        = lifecycle.value.cold_storage_after
              delete_after                              = lifecycle.value.delete_after
              opt_in_to_archive_for_supported_resources = lifecycle.value.opt_in_to_archive_for_supported_resources
            }
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "default" {
  count = module.this.enabled && var.plan_enabled ? 1 : 0

  name          = module.this.id
  plan_id       = join("", aws_backup_plan.default[*].id)
  resources     = var.backup_resources
  not_resources = var.not_resources

  dynamic "selection_tag" {
    for_each = var.selection_tags

    content {
      type  = selection_tag.value.type
      key   = selection_tag.value.key
      value = selection_tag.value.value
    }
  }

  condition {
    dynamic "string_equals" {
      for_each = var.selection_conditions.string_equals

      content {
        key   = "aws:ResourceTag/${string_equals.value.key}"
        value = string_equals.value.value
      }
    }

    dynamic "string_like" {
      for_each = var.selection_conditions.string_like

      content {
        key   = "aws:ResourceTag/${string_like.value.key}"
        value = string_like.value.value
      }
    }

    dynamic "string_not_equals" {
      for_each = var.selection_conditions.string_not_equals

      content {
        key   = "aws:ResourceTag/${string_not_equals.value.key}"
        value = string_not_equals.value.value
      }
    }

    dynamic "string_not_like" {
      for_each = var.selection_conditions.string_not_like

      content {
        key   = "aws:ResourceTag/${string_not_like.value.key}"
        value = string_not_like.value.value
      }
    }
  }
}

output "backup_vault_id" {
  value = join("", local.vault_enabled ? aws_backup_vault.default[*].id : data.aws_backup_vault.existing[*].id)
}

output "backup_vault_arn" {
  value = join("", local.vault_enabled ? aws_backup_vault.default[*].arn : data.aws_backup_vault.existing[*].arn)
}

output "backup_plan_arn" {
  value = join("", aws_backup_plan.default[*].arn)
}

output "backup_selection_id" {
  value = join("", aws_backup_selection.default[*].id)
}
