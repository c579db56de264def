# Interface of the wrapper: one module instance per item, with common defaults. Not modelled as in the module itself.

variable "defaults" {
  type    = any
  default = {}
}

variable "items" {
  type    = any
  default = {}
}

module "wrapper" {
  source = "../"

  for_each = var.items

  create_bucket             = try(each.value.create_bucket, var.defaults.create_bucket, true)
  is_directory_bucket       = try(each.value.is_directory_bucket, var.defaults.is_directory_bucket, false)
  bucket                    = try(each.value.bucket, var.defaults.bucket, null)
  bucket_prefix             = try(each.value.bucket_prefix, var.defaults.bucket_prefix, null)
  availability_zone_id      = try(each.value.availability_zone_id, var.defaults.availability_zone_id, null)
  data_redundancy           = try(each.value.data_redundancy, var.defaults.data_redundancy, null)
  location_type             = try(each.value.location_type, var.defaults.location_type, null)
  force_destroy             = try(each.value.force_destroy, var.defaults.force_destroy, false)
  object_lock_enabled       = try(each.value.object_lock_enabled, var.defaults.object_lock_enabled, false)
  versioning                = try(each.value.versioning, var.defaults.versioning, {})

  server_side_encryption_configuration = try(each.value.server_side_encryption_configuration, var.defaults.server_side_encryption_configuration, {})

  logging                   = try(each.value.logging, var.defaults.logging, {})
  replication_configuration = try(each.value.replication_configuration, var.defaults.replication_configuration, {})
  region                    = try(each.value.region, var.defaults.region, null)
  tags                      = try(each.value.tags, var.defaults.tags, {})
}

output "wrapper" {
  value = module.wrapper
}
