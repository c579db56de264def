# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "autoscale_max_read_capacity" {}
variable "autoscale_max_write_capacity" {}
variable "autoscale_min_read_capacity" {}
variable "autoscale_min_write_capacity" {}
variable "autoscale_read_target" {}
variable "autoscale_write_target" {}
variable "autoscaler_attributes" {}
variable "autoscaler_tags" {}
variable "dynamodb_attributes" {}
variable "enable_autoscaler" {}
variable "global_secondary_index_map" {}
variable "hash_key_type" {}
variable "import_table" {}
variable "local_secondary_index_map" {}
variable "range_key_type" {}
variable "stream_view_type" {}
variable "table_class" {}
variable "ttl_attribute" {}
variable "ttl_enabled" {}
