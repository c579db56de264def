# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "create" {}
variable "create_default_user" {}
variable "create_group" {}
variable "default_user" {}
variable "default_user_id" {}
variable "engine" {}
variable "tags" {}
variable "user_group_id" {}
variable "users" {}
