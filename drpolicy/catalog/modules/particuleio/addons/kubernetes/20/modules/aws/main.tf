# Interface of particuleio/addons/kubernetes//modules/aws 20: Velero with its bucket and role, the buckets of other add-ons, the file system
# and the key for volumes, the class of snapshots that Velero takes, and Karpenter's queue.
#
# Not modelled: the charts of other add-ons, their roles and policies, and the log group. The version of a chart is another one in each
# version of the module, and so not known unless it is given.

variable "cluster-name" {
  type    = string
  default = "sample-cluster"
}

variable "helm_defaults" {
  type    = any
  default = {}
}

variable "velero" {
  type    = any
  default = {}
}

variable "loki-stack" {
  type    = any
  default = {}
}

variable "thanos" {
  type    = any
  default = {}
}

variable "kube-prometheus-stack" {
  type    = any
  default = {}
}

variable "s3-logging" {
  type    = any
  default = {}
}

variable "aws-efs-csi-driver" {
  type    = any
  default = {}
}

variable "aws-ebs-csi-driver" {
  type    = any
  default = {}
}

variable "karpenter" {
  type    = any
  default = {}
}

variable "eks" {
  type    = any
  default = {}
}

variable "tags" {
  type    = map(any)
  default = {}
}

data "aws_region" "current" {}

locals {
  velero = merge(
    { extra_values = "" },
    var.helm_defaults,
    {
      namespace                 = "velero"
      service_account_name      = "velero"
      enabled                   = false
      create_iam_resources_irsa = true
      iam_policy_override       = null
      create_bucket             = true
      bucket                    = "${var.cluster-name}-velero"
      bucket_force_destroy      = false
      name_prefix               = "${var.cluster-name}-velero"
      iam_use_name_prefix       = false
    },
    var.velero,
  )
  loki = merge(
    {
      enabled               = false
      create_bucket         = true
      bucket                = "loki-store-${var.cluster-name}"
      bucket_lifecycle_rule = []
      bucket_force_destroy  = false
    },
    var.loki-stack,
  )
  thanos = merge(
    {
      enabled              = false
      create_bucket        = false
      bucket               = "thanos-store-${var.cluster-name}"
      bucket_force_destroy = false
    },
    var.thanos,
  )
  prometheus = merge(
    {
      enabled                     = false
      thanos_sidecar_enabled      = false
      thanos_create_bucket        = true
      thanos_bucket               = "thanos-store-${var.cluster-name}"
      thanos_bucket_force_destroy = false
    },
    var.kube-prometheus-stack,
  )
  s3-logging = merge({ enabled = false, create_bucket = true, custom_bucket_id = null }, var.s3-logging)
  efs        = merge({ enabled = false, name_prefix = "${var.cluster-name}-aws-efs-csi-driver" }, var.aws-efs-csi-driver)
  ebs = merge(
    {
      enabled                 = false
      use_kms                 = false
      create_kms_key          = true
      kms_enable_key_rotation = true
      volume_snapshot_class   = <<-EOT
        apiVersion: snapshot.storage.k8s.io/v1
        kind: VolumeSnapshotClass
        metadata:
          name: csi-aws-vsc
          labels:
            velero.io/csi-volumesnapshot-class: "true"
        driver: ebs.csi.aws.com
        deletionPolicy: Retain
      EOT
    },
    var.aws-ebs-csi-driver,
  )
  karpenter = merge({ enabled = false }, var.karpenter)

  encrypted = { rule = { apply_server_side_encryption_by_default = { sse_algorithm = "AES256" } } }
  logging = local.s3-logging.enabled ? {
    target_bucket = local.s3-logging.create_bucket ? module.s3_logging_bucket.s3_bucket_id : local.s3-logging.custom_bucket_id
    target_prefix = "${var.cluster-name}/"
  } : {}
  irsa = local.velero.enabled && local.velero.create_iam_resources_irsa
}

module "velero_thanos_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 5.0"

  create_bucket                        = local.velero.enabled && local.velero.create_bucket
  bucket                               = local.velero.bucket
  force_destroy                        = local.velero.bucket_force_destroy
  versioning                           = { status = true }
  server_side_encryption_configuration = local.encrypted
  logging                              = local.logging
  tags                                 = var.tags
}

data "aws_iam_policy_document" "velero_default" {
  count = local.irsa ? 1 : 0

  statement {
    actions   = ["ec2:CreateSnapshot", "ec2:CreateTags", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"]
  }

  statement {
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["arn:aws:s3:::${local.velero.bucket}/*"]
  }

  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${local.velero.bucket}"]
  }
}

resource "aws_iam_policy" "velero" {
  count = local.irsa ? 1 : 0

  name   = local.velero.name_prefix
  policy = local.velero.iam_policy_override == null ? data.aws_iam_policy_document.velero_default[0].json : local.velero.iam_policy_override
}

module "iam_assumable_role_velero" {
  source = "./role"

  create          = local.irsa
  name            = local.velero.name_prefix
  use_name_prefix = local.velero.iam_use_name_prefix
  policies        = local.irsa ? { velero = aws_iam_policy.velero[0].arn } : {}
  subject         = "system:serviceaccount:${local.velero.namespace}:${local.velero.service_account_name}"
  issuer          = try(replace(var.eks["cluster_oidc_issuer_url"], "https://", ""), null)
}

resource "kubernetes_namespace" "velero" {
  count = local.velero.enabled ? 1 : 0

  metadata {
    name = local.velero.namespace
  }
}

resource "helm_release" "velero" {
  count = local.velero.enabled ? 1 : 0

  name       = try(local.velero.name, "velero")
  namespace  = local.velero.namespace
  chart      = try(local.velero.chart, "velero")
  repository = try(local.velero.repository, "https://vmware-tanzu.github.io/helm-charts")
  version    = try(local.velero.chart_version, kubernetes_namespace.velero[0].id)

  values = compact([
    <<-EOT
      configuration:
        features: EnableCSI
        backupStorageLocation:
          - {name: aws, provider: aws, bucket: ${local.velero.bucket}, default: true, config: {region: ${data.aws_region.current.name}}}
        volumeSnapshotLocation:
          - {name: aws, provider: aws, config: {region: ${data.aws_region.current.name}}}
      serviceAccount:
        server:
          name: ${local.velero.service_account_name}
          annotations:
            eks.amazonaws.com/role-arn: "${local.irsa ? module.iam_assumable_role_velero.arn : ""}"
      credentials: {useSecret: false}
      initContainers:
        - {name: velero-plugin-for-aws, image: "velero/velero-plugin-for-aws:v1.9.2"}
    EOT
    ,
    local.velero.extra_values,
  ])
}

module "loki_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 5.0"

  create_bucket                        = local.loki.enabled && local.loki.create_bucket
  bucket                               = local.loki.bucket
  force_destroy                        = local.loki.bucket_force_destroy
  versioning                           = { status = true }
  server_side_encryption_configuration = local.encrypted
  lifecycle_rule                       = local.loki.bucket_lifecycle_rule
  logging                              = local.logging
  tags                                 = var.tags
}

module "thanos_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 5.0"

  create_bucket                        = local.thanos.enabled && local.thanos.create_bucket
  bucket                               = local.thanos.bucket
  force_destroy                        = local.thanos.bucket_force_destroy
  versioning                           = { status = true }
  server_side_encryption_configuration = local.encrypted
  logging                              = local.logging
  tags                                 = var.tags
}

module "kube-prometheus-stack_thanos_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 5.0"

  create_bucket                        = local.prometheus.enabled && local.prometheus.thanos_sidecar_enabled && local.prometheus.thanos_create_bucket
  bucket                               = local.prometheus.thanos_bucket
  force_destroy                        = local.prometheus.thanos_bucket_force_destroy
  versioning                           = { status = true }
  server_side_encryption_configuration = local.encrypted
  logging                              = local.logging
  tags                                 = var.tags
}

module "s3_logging_bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 5.0"

  create_bucket                        = local.s3-logging.enabled && local.s3-logging.create_bucket
  bucket                               = "${var.cluster-name}-eks-addons-s3-logging"
  versioning                           = { status = true }
  server_side_encryption_configuration = local.encrypted
  tags                                 = var.tags
}

resource "aws_efs_file_system" "aws-efs-csi-driver" {
  count = local.efs.enabled && lookup(local.efs, "file_system_id", null) == null ? 1 : 0

  creation_token   = local.efs.name_prefix
  encrypted        = lookup(local.efs, "encrypted", "true")
  performance_mode = lookup(local.efs, "performance_mode", "generalPurpose")
  throughput_mode  = lookup(local.efs, "throughput_mode", "bursting")
  tags             = merge(var.tags, { Name = local.efs.name_prefix })
}

resource "aws_kms_key" "aws-ebs-csi-driver" {
  count = local.ebs.enabled && local.ebs.use_kms && local.ebs.create_kms_key ? 1 : 0

  enable_key_rotation = local.ebs.kms_enable_key_rotation
  tags                = var.tags
}

resource "kubectl_manifest" "aws-ebs-csi-driver_vsc" {
  count = local.ebs.enabled && local.ebs.volume_snapshot_class != null ? 1 : 0

  yaml_body = local.ebs.volume_snapshot_class
}

module "karpenter" {
  source  = "terraform-aws-modules/eks/aws//modules/karpenter"
  version = "~> 21.0"

  create          = local.karpenter.enabled
  cluster_name    = var.cluster-name
  create_iam_role = false
  tags            = var.tags
}

output "karpenter_iam" {
  value = module.karpenter
}
