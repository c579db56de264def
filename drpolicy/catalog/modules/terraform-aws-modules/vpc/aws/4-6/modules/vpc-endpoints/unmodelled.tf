# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "create" {}
variable "create_security_group" {}
variable "endpoints" {}
variable "region" {}
variable "security_group_description" {}
variable "security_group_ids" {}
variable "security_group_name" {}
variable "security_group_name_prefix" {}
variable "security_group_rules" {}
variable "security_group_tags" {}
variable "subnet_ids" {}
variable "tags" {}
variable "timeouts" {}
variable "vpc_id" {}
