# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "access_points" {}
variable "attach_policy" {}
variable "bypass_policy_lockout_safety_check" {}
variable "create_security_group" {}
variable "deny_nonsecure_transport" {}
variable "deny_nonsecure_transport_via_mount_target" {}
variable "lifecycle_policy" {}
variable "mount_targets" {}
variable "override_policy_documents" {}
variable "performance_mode" {}
variable "policy_statements" {}
variable "protection" {}
variable "provisioned_throughput_in_mibps" {}
variable "region" {}
variable "security_group_description" {}
variable "security_group_egress_rules" {}
variable "security_group_ingress_rules" {}
variable "security_group_name" {}
variable "security_group_rules" {}
variable "security_group_use_name_prefix" {}
variable "security_group_vpc_id" {}
variable "source_policy_documents" {}
variable "throughput_mode" {}
