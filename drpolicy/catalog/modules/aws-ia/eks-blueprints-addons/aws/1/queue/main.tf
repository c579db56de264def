# Interface of the queue that an add-on asks terraform-aws-modules/sqs/aws 4.0.1 for. Not modelled: its policy and its key.

variable "create" {
  type = bool
}

variable "name" {
  type = string
}

resource "aws_sqs_queue" "this" {
  count = var.create ? 1 : 0

  name = var.name
}
