# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "cluster_ip_family" {}
variable "cluster_name" {}
variable "create" {}
variable "create_iam_role" {}
variable "create_iam_role_policy" {}
variable "iam_role_additional_policies" {}
variable "iam_role_arn" {}
variable "iam_role_attach_cni_policy" {}
variable "iam_role_description" {}
variable "iam_role_name" {}
variable "iam_role_path" {}
variable "iam_role_permissions_boundary" {}
variable "iam_role_policy_statements" {}
variable "iam_role_tags" {}
variable "iam_role_use_name_prefix" {}
variable "name" {}
variable "selectors" {}
variable "subnet_ids" {}
variable "tags" {}
variable "timeouts" {}
