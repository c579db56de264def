# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "create_iam_access_key" {}
variable "force_destroy" {}
variable "path" {}
variable "permissions_boundary" {}
variable "s3_actions" {}
variable "s3_resources" {}
variable "ssm_base_path" {}
variable "ssm_enabled" {}
