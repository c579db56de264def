# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "advanced_backup_settings" {}
variable "audit_framework" {}
variable "backup_policies" {}
variable "backup_regions" {}
variable "backup_selections" {}
variable "enable_global_settings" {}
variable "enable_org_policy" {}
variable "enable_region_settings" {}
variable "enable_strict_region_validation" {}
variable "expected_region" {}
variable "global_settings" {}
variable "iam_role_name" {}
variable "notifications" {}
variable "notifications_disable_sns_policy" {}
variable "org_policy_description" {}
variable "org_policy_name" {}
variable "org_policy_target_id" {}
variable "region_settings" {}
variable "reports" {}
variable "scan_setting" {}
variable "vault_policy" {}
variable "windows_vss_backup" {}
