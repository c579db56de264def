# Interface of cloudposse/route53-cluster-hostname/aws 0.12: one DNS record.
#
# Not modelled: health checks.

variable "dns_name" {
  type    = string
  default = ""
}

variable "zone_id" {
  type    = any
  default = ""
}

variable "type" {
  type    = string
  default = "CNAME"
}

variable "ttl" {
  type    = number
  default = 300
}

variable "records" {
  type = list(string)
}

resource "aws_route53_record" "default" {
  count = module.this.enabled ? 1 : 0

  name    = var.dns_name == "" ? module.this.id : var.dns_name
  type    = var.type
  ttl     = var.ttl
  records = var.records
}

output "hostname" {
  value = join("", aws_route53_record.default[*].fqdn)
}
