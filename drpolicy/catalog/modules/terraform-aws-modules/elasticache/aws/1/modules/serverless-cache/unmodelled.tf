# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "cache_usage_limits" {}
variable "daily_snapshot_time" {}
variable "description" {}
variable "kms_key_id" {}
variable "major_engine_version" {}
variable "security_group_ids" {}
variable "snapshot_arns_to_restore" {}
variable "subnet_ids" {}
variable "tags" {}
variable "timeouts" {}
variable "user_group_id" {}
