# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "autoscale_max_read_capacity" {}
variable "autoscale_max_read_capacity_index" {}
variable "autoscale_max_write_capacity" {}
variable "autoscale_max_write_capacity_index" {}
variable "autoscale_min_read_capacity" {}
variable "autoscale_min_read_capacity_index" {}
variable "autoscale_min_write_capacity" {}
variable "autoscale_min_write_capacity_index" {}
variable "autoscale_read_target" {}
variable "autoscale_read_target_index" {}
variable "autoscale_scale_in_cooldown" {}
variable "autoscale_scale_out_cooldown" {}
variable "autoscale_write_target" {}
variable "autoscale_write_target_index" {}
variable "dynamodb_indexes" {}
variable "dynamodb_table_arn" {}
variable "dynamodb_table_name" {}
