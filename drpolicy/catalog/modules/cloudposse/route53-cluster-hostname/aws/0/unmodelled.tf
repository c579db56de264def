# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "private_zone" {}
variable "zone_name" {}
variable "zone_tags" {}
variable "zone_vpc_id" {}
