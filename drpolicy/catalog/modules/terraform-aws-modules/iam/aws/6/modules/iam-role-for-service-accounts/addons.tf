# What the policy says for other add-ons is not modelled, and so not known.

variable "attach_aws_gateway_controller_policy" {
  type    = bool
  default = false
}

variable "attach_cert_manager_policy" {
  type    = bool
  default = false
}

variable "attach_cluster_autoscaler_policy" {
  type    = bool
  default = false
}

variable "attach_ebs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_efs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_external_dns_policy" {
  type    = bool
  default = false
}

variable "attach_external_secrets_policy" {
  type    = bool
  default = false
}

variable "attach_fsx_lustre_csi_policy" {
  type    = bool
  default = false
}

variable "attach_fsx_openzfs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_targetgroup_binding_only_policy" {
  type    = bool
  default = false
}

variable "attach_amazon_managed_service_prometheus_policy" {
  type    = bool
  default = false
}

variable "attach_node_termination_handler_policy" {
  type    = bool
  default = false
}

variable "attach_vpc_cni_policy" {
  type    = bool
  default = false
}

variable "attach_cloudwatch_observability_policy" {
  type    = bool
  default = false
}

locals {
  others = anytrue([
    var.attach_aws_gateway_controller_policy,
    var.attach_cert_manager_policy,
    var.attach_cluster_autoscaler_policy,
    var.attach_ebs_csi_policy,
    var.attach_efs_csi_policy,
    var.attach_external_dns_policy,
    var.attach_external_secrets_policy,
    var.attach_fsx_lustre_csi_policy,
    var.attach_fsx_openzfs_csi_policy,
    var.attach_load_balancer_controller_policy,
    var.attach_load_balancer_controller_targetgroup_binding_only_policy,
    var.attach_amazon_managed_service_prometheus_policy,
    var.attach_node_termination_handler_policy,
    var.attach_vpc_cni_policy,
  ])
}

resource "aws_iam_role_policy_attachment" "amazon_cloudwatch_observability" {
  for_each = { for name in ["AWSXrayWriteOnlyAccess", "CloudWatchAgentServerPolicy"] :
    name => "arn:${data.aws_partition.current.partition}:iam::aws:policy/${name}" if var.create && var.attach_cloudwatch_observability_policy
  }

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}
