# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "allow_all_egress" {}
variable "create_before_destroy" {}
variable "description" {}
variable "id" {}
variable "inline_rules_enabled" {}
variable "preserve_security_group_id" {}
variable "revoke_rules_on_delete" {}
variable "rule_matrix" {}
variable "rules" {}
variable "rules_map" {}
variable "security_group_create_timeout" {}
variable "security_group_delete_timeout" {}
variable "security_group_description" {}
variable "security_group_enabled" {}
variable "security_group_name" {}
variable "target_security_group_id" {}
variable "use_name_prefix" {}
variable "vpc_id" {}
