# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "amazon_managed_service_prometheus_workspace_arns" {}
variable "cert_manager_hosted_zone_arns" {}
variable "cluster_autoscaler_cluster_names" {}
variable "description" {}
variable "ebs_csi_kms_cmk_arns" {}
variable "external_dns_hosted_zone_arns" {}
variable "external_secrets_kms_key_arns" {}
variable "external_secrets_secrets_manager_arns" {}
variable "external_secrets_secrets_manager_create_permission" {}
variable "external_secrets_ssm_parameter_arns" {}
variable "fsx_lustre_csi_service_role_arns" {}
variable "fsx_openzfs_csi_service_role_arns" {}
variable "load_balancer_controller_targetgroup_arns" {}
variable "max_session_duration" {}
variable "mountpoint_s3_csi_kms_arns" {}
variable "node_termination_handler_sqs_queue_arns" {}
variable "permissions_boundary" {}
variable "policy_description" {}
variable "policy_name" {}
variable "policy_path" {}
variable "region" {}
variable "tags" {}
variable "vpc_cni_enable_cloudwatch_logs" {}
variable "vpc_cni_enable_ipv4" {}
variable "vpc_cni_enable_ipv6" {}
