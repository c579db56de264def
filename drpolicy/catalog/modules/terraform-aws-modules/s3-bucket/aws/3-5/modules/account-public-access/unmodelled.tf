# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "account_id" {}
variable "block_public_acls" {}
variable "block_public_policy" {}
variable "create" {}
variable "ignore_public_acls" {}
variable "restrict_public_buckets" {}
