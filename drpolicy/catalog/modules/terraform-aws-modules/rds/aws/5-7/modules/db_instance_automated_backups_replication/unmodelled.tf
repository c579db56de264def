# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "pre_signed_url" {}
