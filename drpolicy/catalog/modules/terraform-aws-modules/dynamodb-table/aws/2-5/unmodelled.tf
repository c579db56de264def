# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "attributes" {}
variable "autoscaling_defaults" {}
variable "autoscaling_indexes" {}
variable "autoscaling_read" {}
variable "autoscaling_write" {}
variable "global_secondary_indexes" {}
variable "import_table" {}
variable "local_secondary_indexes" {}
variable "on_demand_throughput" {}
variable "read_capacity" {}
variable "resource_policy" {}
variable "restore_date_time" {}
variable "restore_source_name" {}
variable "restore_source_table_arn" {}
variable "restore_to_latest_time" {}
variable "stream_view_type" {}
variable "table_class" {}
variable "timeouts" {}
variable "ttl_attribute_name" {}
variable "ttl_enabled" {}
variable "warm_throughput" {}
variable "write_capacity" {}
