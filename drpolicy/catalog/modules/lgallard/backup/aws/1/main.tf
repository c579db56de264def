# Interface of lgallard/backup/aws 1: a vault with its lock, plans with their rules and copies, selections, restore testing.
#
# Not modelled: roles, policies, notifications, reports, audit framework, organisation policies, global and region settings.

variable "enabled" {
  type    = bool
  default = true
}

variable "vault_name" {
  type    = string
  default = null
}

variable "vault_name_validation_bypass" {
  type    = bool
  default = false
}

variable "vault_type" {
  type    = string
  default = "standard"
}

variable "vault_kms_key_arn" {
  type    = string
  default = null
}

variable "vault_force_destroy" {
  type    = bool
  default = false
}

variable "locked" {
  type    = bool
  default = false
}

variable "changeable_for_days" {
  type    = number
  default = null
}

variable "max_retention_days" {
  type    = number
  default = null
}

variable "min_retention_days" {
  type    = number
  default = null
}

variable "plan_name" {
  type    = string
  default = null
}

variable "plans" {
  type = map(object({
    name = optional(string)
    rules = list(object({
      name                                         = string
      target_vault_name                            = optional(string)
      target_logically_air_gapped_backup_vault_arn = optional(string)
      schedule                                     = optional(string)
      schedule_expression_timezone                 = optional(string)
      start_window                                 = optional(number)
      completion_window                            = optional(number)
      enable_continuous_backup                     = optional(bool)
      recovery_point_tags                          = optional(map(string))
      lifecycle = optional(object({
        cold_storage_after                        = optional(number)
        delete_after                              = number
        opt_in_to_archive_for_supported_resources = optional(bool)
      }))
      copy_actions = optional(list(object({
        destination_vault_arn = string
        lifecycle = optional(object({
          cold_storage_after                        = optional(number)
          delete_after                              = number
          opt_in_to_archive_for_supported_resources = optional(bool)
        }))
      })), [])
    }))
    selections = optional(map(object({
      resources     = optional(list(string))
      not_resources = optional(list(string))
      conditions = optional(object({
        string_equals     = optional(map(string))
        string_not_equals = optional(map(string))
        string_like       = optional(map(string))
        string_not_like   = optional(map(string))
      }))
      selection_tags = optional(list(object({
        type  = string
        key   = string
        value = string
      })))
    })), {})
  }))
  default = {}
}

variable "rule_name" {
  type    = string
  default = null
}

variable "rule_schedule" {
  type    = string
  default = null
}

variable "rule_schedule_expression_timezone" {
  type    = string
  default = null
}

variable "rule_start_window" {
  type    = number
  default = null
}

variable "rule_completion_window" {
  type    = number
  default = null
}

variable "rule_recovery_point_tags" {
  type    = map(string)
  default = {}
}

variable "rule_lifecycle_cold_storage_after" {
  type    = number
  default = null
}

variable "rule_lifecycle_delete_after" {
  type    = number
  default = null
}

variable "rule_lifecycle_opt_in_to_archive" {
  type    = bool
  default = null
}

variable "rule_enable_continuous_backup" {
  type    = bool
  default = false
}

variable "rules" {
  type = list(object({
    name                                         = string
    target_vault_name                            = optional(string)
    target_logically_air_gapped_backup_vault_arn = optional(string)
    schedule                                     = optional(string)
    schedule_expression_timezone                 = optional(string)
    start_window                                 = optional(number)
    completion_window                            = optional(number)
    enable_continuous_backup                     = optional(bool)
    recovery_point_tags                          = optional(map(string))
    lifecycle = optional(object({
      cold_storage_after                        = optional(number)
      delete_after                              = number
      opt_in_to_archive_for_supported_resources = optional(bool)
    }))
    copy_actions = optional(list(object({
      destination_vault_arn = string
      lifecycle = optional(object({
        cold_storage_after                        = optional(number)
        delete_after                              = number
        opt_in_to_archive_for_supported_resources = optional(bool)
      }))
    })), [])
  }))
  default = []
}

variable "default_lifecycle_delete_after_days" {
  type    = number
  default = 90
}

variable "default_lifecycle_cold_storage_after_days" {
  type    = number
  default = 0
}

variable "selection_name" {
  type    = string
  default = null
}

variable "selection_resources" {
  type    = list(any)
  default = []
}

variable "selection_not_resources" {
  type    = list(any)
  default = []
}

variable "selection_conditions" {
  type = object({
    string_equals     = optional(map(string))
    string_not_equals = optional(map(string))
    string_like       = optional(map(string))
    string_not_like   = optional(map(string))
  })
  default = {}
}

variable "selection_tags" {
  type    = list(any)
  default = []
}

variable "selections" {
  type    = any
  default = []
}

variable "iam_role_arn" {
  type    = string
  default = null
}

variable "restore_testing_plans" {
  type    = any
  default = {}
}

variable "restore_testing_selections" {
  type    = any
  default = {}
}

variable "restore_testing_iam_role_arn" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  # Names such as "default" are refused unless the check is bypassed (1.4); before, the input's own validation refuses them.
  refused     = var.vault_name == null ? false : can(regex("(?i)(test|temp|delete|remove|default)", var.vault_name)) && !var.vault_name_validation_bypass
  vault       = var.enabled && var.vault_name != null && !local.refused
  standard    = local.vault && var.vault_type == "standard"
  air_gapped  = local.vault && var.vault_type == "logically_air_gapped"
  vault_name  = local.standard ? try(aws_backup_vault.ab_vault[0].name, null) : local.air_gapped ? try(aws_backup_logically_air_gapped_vault.ab_airgapped_vault[0].name, null) : null
  single_plan = length(var.plans) == 0
  rules       = concat(local.written_rule, var.rules)
  written_rule = var.rule_name == null ? [] : [{
    name                         = var.rule_name
    target_vault_name            = var.vault_name != null ? var.vault_name : "Default"
    schedule                     = var.rule_schedule
    schedule_expression_timezone = var.rule_schedule_expression_timezone
    start_window                 = var.rule_start_window
    completion_window            = var.rule_completion_window
    enable_continuous_backup     = var.rule_enable_continuous_backup
    recovery_point_tags          = var.rule_recovery_point_tags
    lifecycle = var.rule_lifecycle_cold_storage_after == null ? {} : {
      cold_storage_after                        = var.rule_lifecycle_cold_storage_after
      delete_after                              = var.rule_lifecycle_delete_after
      opt_in_to_archive_for_supported_resources = var.rule_lifecycle_opt_in_to_archive
    }
  }]

  # Selections of the single plan are a map, or a list whose elements may have names.
  selections = try(tomap(var.selections), { for at, each in try(tolist(var.selections), []) : tostring(coalesce(try(each.name, null), at)) => each })
  plan_selections = merge([
    for plan, written in var.plans : { for name, each in written.selections : "${plan}-${name}" => { plan = plan, name = name, selection = each } }
  ]...)
}

resource "aws_backup_vault" "ab_vault" {
  count = local.standard ? 1 : 0

  name          = var.vault_name
  kms_key_arn   = var.vault_kms_key_arn
  force_destroy = var.vault_force_destroy
  tags          = var.tags
}

resource "aws_backup_logically_air_gapped_vault" "ab_airgapped_vault" {
  count = local.air_gapped ? 1 : 0

  name               = var.vault_name
  encryption_key_arn = var.vault_kms_key_arn
  min_retention_days = var.min_retention_days
  max_retention_days = var.max_retention_days
  tags               = var.tags
}

resource "aws_backup_vault_lock_configuration" "ab_vault_lock_configuration" {
  count = local.standard && var.locked ? 1 : 0

  backup_vault_name   = aws_backup_vault.ab_vault[0].name
  min_retention_days  = var.min_retention_days
  max_retention_days  = var.max_retention_days
  changeable_for_days = var.changeable_for_days
}

resource "aws_backup_plan" "ab_plan" {
  count = var.enabled && local.single_plan && length(local.rules) > 0 ? 1 : 0

  name = coalesce(var.plan_name, "aws-backup-plan-${var.vault_name != null ? var.vault_name : "default"}")
  tags = var.tags

  dynamic "rule" {
    for_each = local.rules

    content {
      rule_name                                    = try(rule.value.name, null)
      target_vault_name                            = try(rule.value.target_vault_name, null) != null ? rule.value.target_vault_name : var.vault_name != null ? local.vault_name : "Default"
      target_logically_air_gapped_backup_vault_arn = try(rule.value.target_logically_air_gapped_backup_vault_arn, null)
      schedule                                     = try(rule.value.schedule, null)
      schedule_expression_timezone                 = try(rule.value.schedule_expression_timezone, null)
      start_window                                 = try(rule.value.start_window, null)
      completion_window                            = try(rule.value.completion_window, null)
      enable_continuous_backup                     = try(rule.value.enable_continuous_backup, null)
      recovery_point_tags                          = try(rule.value.recovery_point_tags, null) != null ? rule.value.recovery_point_tags : var.tags

      dynamic "lifecycle" {
        for_each = length(coalesce(try(rule.value.lifecycle, null), {})) == 0 ? [] : [rule.value.lifecycle]

        content {
          cold_storage_after                        = try(lifecycle.value.cold_storage_after, null)
          delete_after                              = try(lifecycle.value.delete_after, var.default_lifecycle_delete_after_days)
          opt_in_to_archive_for_supported_resources = try(lifecycle.value.opt_in_to_archive_for_supported_resources, null)
        }
      }

      dynamic "copy_action" {
        for_each = coalesce(try(rule.value.copy_actions, null), [])

        content {
          destination_vault_arn = copy_action.value.destination_vault_arn

          dynamic "lifecycle" {
            for_each = length(coalesce(try(copy_action.value.lifecycle, null), {})) == 0 ? [] : [copy_action.value.lifecycle]

            content {
              cold_storage_after                        = try(lifecycle.value.cold_storage_after, null)
              delete_after                              = try(lifecycle.value.delete_after, var.default_lifecycle_delete_after_days)
              opt_in_to_archive_for_supported_resources = try(lifecycle.value.opt_in_to_archive_for_supported_resources, null)
            }
          }
        }
      }
    }
  }
}

resource "aws_backup_plan" "ab_plans" {
  for_each = var.enabled ? var.plans : {}

  name = try(coalesce(each.value.name, each.key), each.key)
  tags = var.tags

  dynamic "rule" {
    for_each = each.value.rules

    content {
      rule_name                                    = try(rule.value.name, null)
      target_vault_name                            = try(rule.value.target_vault_name, null) != null ? rule.value.target_vault_name : var.vault_name != null ? local.vault_name : "Default"
      target_logically_air_gapped_backup_vault_arn = try(rule.value.target_logically_air_gapped_backup_vault_arn, null)
      schedule                                     = try(rule.value.schedule, null)
      schedule_expression_timezone                 = try(rule.value.schedule_expression_timezone, null)
      start_window                                 = try(rule.value.start_window, null)
      completion_window                            = try(rule.value.completion_window, null)
      enable_continuous_backup                     = try(rule.value.enable_continuous_backup, null)
      recovery_point_tags                          = try(rule.value.recovery_point_tags, null) != null ? rule.value.recovery_point_tags : var.tags

      dynamic "lifecycle" {
        for_each = length(coalesce(try(rule.value.lifecycle, null), {})) == 0 ? [] : [rule.value.lifecycle]

        content {
          cold_storage_after                        = try(lifecycle.value.cold_storage_after, null)
          delete_after                              = try(lifecycle.value.delete_after, var.default_lifecycle_delete_after_days)
          opt_in_to_archive_for_supported_resources = try(lifecycle.value.opt_in_to_archive_for_supported_resources, null)
        }
      }

      dynamic "copy_action" {
        for_each = coalesce(try(rule.value.copy_actions, null), [])

        content {
          destination_vault_arn = copy_action.value.destination_vault_arn

          dynamic "lifecycle" {
            for_each = length(coalesce(try(copy_action.value.lifecycle, null), {})) == 0 ? [] : [copy_action.value.lifecycle]

            content {
              cold_storage_after                        = try(lifecycle.value.cold_storage_after, null)
              delete_after                              = try(lifecycle.value.delete_after, var.default_lifecycle_delete_after_days)
              opt_in_to_archive_for_supported_resources = try(lifecycle.value.opt_in_to_archive_for_supported_resources, null)
            }
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "ab_selection" {
  count = var.enabled && var.selection_name != null && local.single_plan ? 1 : 0

  name          = var.selection_name
  plan_id       = aws_backup_plan.ab_plan[0].id
  iam_role_arn  = var.iam_role_arn
  resources     = var.selection_resources
  not_resources = var.selection_not_resources

  dynamic "condition" {
    for_each = length(var.selection_conditions) > 0 ? [var.selection_conditions] : []

    content {
      dynamic "string_equals" {
        for_each = coalesce(try(condition.value.string_equals, null), {})

        content {
          key   = string_equals.key
          value = string_equals.value
        }
      }

      dynamic "string_like" {
        for_each = coalesce(try(condition.value.string_like, null), {})

        content {
          key   = string_like.key
          value = string_like.value
        }
      }

      dynamic "string_not_equals" {
        for_each = coalesce(try(condition.value.string_not_equals, null), {})

        content {
          key   = string_not_equals.key
          value = string_not_equals.value
        }
      }

      dynamic "string_not_like" {
        for_each = coalesce(try(condition.value.string_not_like, null), {})

        content {
          key   = string_not_like.key
          value = string_not_like.value
        }
      }
    }
  }

  dynamic "selection_tag" {
    for_each = var.selection_tags

    content {
      type  = try(selection_tag.value.type, null)
      key   = try(selection_tag.value.key, null)
      value = try(selection_tag.value.value, null)
    }
  }
}

resource "aws_backup_selection" "ab_selections" {
  for_each = var.enabled && local.single_plan ? local.selections : {}

  name          = each.key
  plan_id       = aws_backup_plan.ab_plan[0].id
  iam_role_arn  = var.iam_role_arn
  resources     = try(each.value.resources, [])
  not_resources = try(each.value.not_resources, [])

  dynamic "condition" {
    for_each = length(coalesce(try(each.value.conditions, null), {})) > 0 ? [coalesce(try(each.value.conditions, null), {})] : []

    content {
      dynamic "string_equals" {
        for_each = coalesce(try(condition.value.string_equals, null), {})

        content {
          key   = string_equals.key
          value = string_equals.value
        }
      }

      dynamic "string_like" {
        for_each = coalesce(try(condition.value.string_like, null), {})

        content {
          key   = string_like.key
          value = string_like.value
        }
      }

      dynamic "string_not_equals" {
        for_each = coalesce(try(condition.value.string_not_equals, null), {})

        content {
          key   = string_not_equals.key
          value = string_not_equals.value
        }
      }

      dynamic "string_not_like" {
        for_each = coalesce(try(condition.value.string_not_like, null), {})

        content {
          key   = string_not_like.key
          value = string_not_like.value
        }
      }
    }
  }

  dynamic "selection_tag" {
    for_each = coalesce(try(each.value.selection_tags, null), [])

    content {
      type  = try(selection_tag.value.type, null)
      key   = try(selection_tag.value.key, null)
      value = try(selection_tag.value.value, null)
    }
  }
}

resource "aws_backup_selection" "plan_selections" {
  for_each = var.enabled ? local.plan_selections : {}

  name          = each.value.name
  plan_id       = aws_backup_plan.ab_plans[each.value.plan].id
  iam_role_arn  = var.iam_role_arn
  resources     = try(each.value.selection.resources, [])
  not_resources = try(each.value.selection.not_resources, [])

  dynamic "condition" {
    for_each = length(coalesce(try(each.value.selection.conditions, null), {})) > 0 ? [coalesce(try(each.value.selection.conditions, null), {})] : []

    content {
      dynamic "string_equals" {
        for_each = coalesce(try(condition.value.string_equals, null), {})

        content {
          key   = string_equals.key
          value = string_equals.value
        }
      }

      dynamic "string_like" {
        for_each = coalesce(try(condition.value.string_like, null), {})

        content {
          key   = string_like.key
          value = string_like.value
        }
      }

      dynamic "string_not_equals" {
        for_each = coalesce(try(condition.value.string_not_equals, null), {})

        content {
          key   = string_not_equals.key
          value = string_not_equals.value
        }
      }

      dynamic "string_not_like" {
        for_each = coalesce(try(condition.value.string_not_like, null), {})

        content {
          key   = string_not_like.key
          value = string_not_like.value
        }
      }
    }
  }

  dynamic "selection_tag" {
    for_each = coalesce(try(each.value.selection.selection_tags, null), [])

    content {
      type  = try(selection_tag.value.type, null)
      key   = try(selection_tag.value.key, null)
      value = try(selection_tag.value.value, null)
    }
  }
}

resource "aws_backup_restore_testing_plan" "this" {
  for_each = var.enabled ? var.restore_testing_plans : {}

  name                         = each.value.name
  schedule_expression          = each.value.schedule_expression
  schedule_expression_timezone = try(each.value.schedule_expression_timezone, null)
  start_window_hours           = try(each.value.start_window_hours, null)
  tags                         = merge(var.tags, { Name = each.value.name })

  recovery_point_selection {
    algorithm             = each.value.recovery_point_selection.algorithm
    include_vaults        = each.value.recovery_point_selection.include_vaults
    recovery_point_types  = each.value.recovery_point_selection.recovery_point_types
    exclude_vaults        = try(each.value.recovery_point_selection.exclude_vaults, null)
    selection_window_days = try(each.value.recovery_point_selection.selection_window_days, null)
  }
}

resource "aws_backup_restore_testing_selection" "this" {
  for_each = var.enabled ? var.restore_testing_selections : {}

  name                       = each.value.name
  restore_testing_plan_name  = aws_backup_restore_testing_plan.this[each.value.restore_testing_plan_name].name
  protected_resource_type    = each.value.protected_resource_type
  protected_resource_arns    = try(each.value.protected_resource_arns, null)
  restore_metadata_overrides = try(each.value.restore_metadata_overrides, null)
  validation_window_hours    = try(each.value.validation_window_hours, null)

  dynamic "protected_resource_conditions" {
    for_each = try(each.value.protected_resource_conditions, null) != null ? [each.value.protected_resource_conditions] : []

    content {
      dynamic "string_equals" {
        for_each = try(coalesce(protected_resource_conditions.value.string_equals, []), [])

        content {
          key   = string_equals.value.key
          value = string_equals.value.value
        }
      }

      dynamic "string_not_equals" {
        for_each = try(coalesce(protected_resource_conditions.value.string_not_equals, []), [])

        content {
          key   = string_not_equals.value.key
          value = string_not_equals.value.value
        }
      }
    }
  }
}

output "vault_id" {
  value = var.vault_type == "standard" ? try(aws_backup_vault.ab_vault[0].id, null) : try(aws_backup_logically_air_gapped_vault.ab_airgapped_vault[0].id, null)
}

output "vault_arn" {
  value = var.vault_type == "standard" ? try(aws_backup_vault.ab_vault[0].arn, null) : try(aws_backup_logically_air_gapped_vault.ab_airgapped_vault[0].arn, null)
}

output "airgapped_vault_id" {
  value = try(aws_backup_logically_air_gapped_vault.ab_airgapped_vault[0].id, null)
}

output "airgapped_vault_arn" {
  value = try(aws_backup_logically_air_gapped_vault.ab_airgapped_vault[0].arn, null)
}

output "plan_id" {
  value = try(aws_backup_plan.ab_plan[0].id, null)
}

output "plan_arn" {
  value = try(aws_backup_plan.ab_plan[0].arn, null)
}

output "plans" {
  value = aws_backup_plan.ab_plans
}
