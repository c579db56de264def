# Interface of the submodule serverless-cache: a serverless cache. Nothing is judged of its type: it is counted.

variable "create" {
  type    = bool
  default = true
}

variable "cache_name" {
  type    = string
  default = null
}

variable "engine" {
  type    = string
  default = "redis"
}

variable "snapshot_retention_limit" {
  type    = number
  default = null
}

resource "aws_elasticache_serverless_cache" "this" {
  count = var.create ? 1 : 0

  name                     = var.cache_name
  engine                   = var.engine
  snapshot_retention_limit = var.snapshot_retention_limit
}

output "serverless_cache_arn" {
  value = try(aws_elasticache_serverless_cache.this[0].arn, null)
}
