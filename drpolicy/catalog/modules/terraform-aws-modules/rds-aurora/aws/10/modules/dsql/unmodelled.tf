# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "clusters" {}
variable "create_cluster_peering" {}
variable "force_destroy" {}
variable "kms_encryption_key" {}
variable "name" {}
variable "region" {}
variable "tags" {}
variable "timeouts" {}
variable "witness_region" {}
