# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "clusters" {}
variable "create_cluster_peering" {}
variable "kms_encryption_key" {}
variable "tags" {}
variable "timeouts" {}
variable "witness_region" {}
