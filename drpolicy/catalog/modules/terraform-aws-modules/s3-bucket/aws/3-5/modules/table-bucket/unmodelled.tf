# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "create_table_bucket_policy" {}
variable "encryption_configuration" {}
variable "maintenance_configuration" {}
variable "region" {}
variable "table_bucket_override_policy_documents" {}
variable "table_bucket_policy" {}
variable "table_bucket_policy_statements" {}
variable "table_bucket_source_policy_documents" {}
variable "tables" {}
variable "tags" {}
