# Interface of cloudposse/rds-cluster/aws 1.3 to 2: a regional cluster, or a secondary one of a global database, with its instances.
#
# Not modelled: subnet, parameter and security groups, monitoring, activity streams, reserved and autoscaled instances.

variable "cluster_type" {
  type    = string
  default = "regional"
}

variable "cluster_identifier" {
  type    = string
  default = ""
}

variable "cluster_size" {
  type    = number
  default = 2
}

variable "engine" {
  type    = string
  default = "aurora"
}

variable "engine_mode" {
  type    = string
  default = "provisioned"
}

variable "engine_version" {
  type    = string
  default = ""
}

variable "db_cluster_instance_class" {
  type    = string
  default = null
}

variable "instance_availability_zone" {
  type    = string
  default = ""
}

variable "instance_identifier_suffix" {
  type    = string
  default = null
}

variable "storage_encrypted" {
  type    = bool
  default = false
}

variable "kms_key_arn" {
  type    = string
  default = ""
}

variable "retention_period" {
  type    = number
  default = 5
}

variable "skip_final_snapshot" {
  type    = bool
  default = true
}

variable "snapshot_identifier" {
  type    = string
  default = null
}

variable "deletion_protection" {
  type    = bool
  default = false
}

variable "global_cluster_identifier" {
  type    = string
  default = ""
}

variable "replication_source_identifier" {
  type    = string
  default = ""
}

variable "source_region" {
  type    = string
  default = ""
}

variable "zone_id" {
  type    = any
  default = []
}

variable "cluster_dns_name" {
  type    = string
  default = ""
}

variable "reader_dns_name" {
  type    = string
  default = ""
}

module "dns_master" {
  source  = "cloudposse/route53-cluster-hostname/aws"
  version = "0.12.2"

  enabled  = module.this.enabled && length(var.zone_id) > 0
  dns_name = var.cluster_dns_name != "" ? var.cluster_dns_name : "master.${module.this.name}"
  zone_id  = try(var.zone_id[0], tostring(var.zone_id), "")
  records  = coalescelist(aws_rds_cluster.primary[*].endpoint, aws_rds_cluster.secondary[*].endpoint, [""])
  context  = module.this.context
}

module "dns_replicas" {
  source  = "cloudposse/route53-cluster-hostname/aws"
  version = "0.12.2"

  enabled  = module.this.enabled && length(var.zone_id) > 0 && var.engine_mode != "serverless" && var.cluster_size > 0
  dns_name = var.reader_dns_name != "" ? var.reader_dns_name : "replicas.${module.this.name}"
  zone_id  = try(var.zone_id[0], tostring(var.zone_id), "")
  records  = coalescelist(aws_rds_cluster.primary[*].reader_endpoint, aws_rds_cluster.secondary[*].reader_endpoint, [""])
  context  = module.this.context
}

resource "aws_rds_cluster" "primary" {
  count = module.this.enabled && var.cluster_type == "regional" ? 1 : 0

  cluster_identifier            = var.cluster_identifier == "" ? module.this.id : var.cluster_identifier
  engine                        = var.engine
  engine_mode                   = var.engine_mode
  engine_version                = var.engine_version
  db_cluster_instance_class     = var.engine_mode == "serverless" ? null : var.db_cluster_instance_class
  storage_encrypted             = var.engine_mode == "serverless" ? null : var.storage_encrypted
  kms_key_id                    = var.kms_key_arn
  backup_retention_period       = var.retention_period
  final_snapshot_identifier     = lower(var.cluster_identifier == "" ? module.this.id : var.cluster_identifier)
  skip_final_snapshot           = var.skip_final_snapshot
  snapshot_identifier           = var.snapshot_identifier
  deletion_protection           = var.deletion_protection
  source_region                 = var.source_region
  replication_source_identifier = var.replication_source_identifier
  tags                          = module.this.tags
}

resource "aws_rds_cluster" "secondary" {
  count = module.this.enabled && var.cluster_type != "regional" ? 1 : 0

  cluster_identifier        = var.cluster_identifier == "" ? module.this.id : var.cluster_identifier
  engine                    = var.engine
  engine_mode               = var.engine_mode
  engine_version            = var.engine_version
  db_cluster_instance_class = var.engine_mode == "serverless" ? null : var.db_cluster_instance_class
  storage_encrypted         = var.engine_mode == "serverless" ? null : var.storage_encrypted
  kms_key_id                = var.kms_key_arn
  backup_retention_period   = var.retention_period
  final_snapshot_identifier = lower(var.cluster_identifier == "" ? module.this.id : var.cluster_identifier)
  skip_final_snapshot       = var.skip_final_snapshot
  snapshot_identifier       = var.snapshot_identifier
  deletion_protection       = var.deletion_protection
  source_region             = var.source_region
  global_cluster_identifier = var.global_cluster_identifier
  tags                      = module.this.tags
}

# Part of the names of the instances, drawn when it is applied.
resource "random_pet" "instance" {
  count = module.this.enabled ? 1 : 0
}

resource "aws_rds_cluster_instance" "default" {
  count = module.this.enabled ? var.cluster_size : 0

  cluster_identifier = coalesce(one(aws_rds_cluster.primary[*].id), one(aws_rds_cluster.secondary[*].id))
  identifier         = "${random_pet.instance[0].id}-${count.index + 1}"
  engine             = var.engine
  engine_version     = var.engine_version
  availability_zone  = var.instance_availability_zone
  tags               = module.this.tags
}

output "cluster_identifier" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].cluster_identifier) : join("", aws_rds_cluster.secondary[*].cluster_identifier)
}

output "arn" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].arn) : join("", aws_rds_cluster.secondary[*].arn)
}

output "endpoint" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].endpoint) : join("", aws_rds_cluster.secondary[*].endpoint)
}

output "reader_endpoint" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].reader_endpoint) : join("", aws_rds_cluster.secondary[*].reader_endpoint)
}

output "port" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].port) : join("", aws_rds_cluster.secondary[*].port)
}

output "cluster_resource_id" {
  value = var.cluster_type == "regional" ? join("", aws_rds_cluster.primary[*].cluster_resource_id) : join("", aws_rds_cluster.secondary[*].cluster_resource_id)
}

output "master_host" {
  value = module.dns_master.hostname
}

output "replicas_host" {
  value = module.dns_replicas.hostname
}
