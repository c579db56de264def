# Inputs that change nothing of what is modelled: named, so that they are not taken for those of another version.

variable "bucket" {}
variable "bucket_arn" {}
variable "create" {}
variable "create_lambda_permission" {}
variable "create_sns_policy" {}
variable "create_sqs_policy" {}
variable "eventbridge" {}
variable "lambda_notifications" {}
variable "region" {}
variable "sns_notifications" {}
variable "sqs_notifications" {}
