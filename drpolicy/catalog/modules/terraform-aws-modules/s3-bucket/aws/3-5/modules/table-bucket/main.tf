# Interface of the submodule table-bucket: a bucket of tables. Nothing is judged of its type: it is counted.

variable "create" {
  type    = bool
  default = true
}

variable "table_bucket_name" {
  type    = string
  default = null
}

resource "aws_s3tables_table_bucket" "this" {
  count = var.create ? 1 : 0

  name = var.table_bucket_name
}

output "s3_table_bucket_arn" {
  value = try(aws_s3tables_table_bucket.this[0].arn, null)
}
