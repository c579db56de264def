# Interface of the submodule dsql: a DSQL cluster. Nothing is judged of its type: it is counted.

variable "create" {
  type    = bool
  default = true
}

variable "deletion_protection_enabled" {
  type    = bool
  default = null
}

resource "aws_dsql_cluster" "this" {
  count = var.create ? 1 : 0

  deletion_protection_enabled = var.deletion_protection_enabled
}

output "arn" {
  value = try(aws_dsql_cluster.this[0].arn, null)
}

output "identifier" {
  value = try(aws_dsql_cluster.this[0].identifier, null)
}
