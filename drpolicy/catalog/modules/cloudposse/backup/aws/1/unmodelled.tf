# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "advanced_backup_setting" {}
variable "iam_role_enabled" {}
variable "iam_role_name" {}
variable "permissions_boundary" {}
