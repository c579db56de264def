resource "aws_vpc" "seoul" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_peering_connection" "tokyo" {
  vpc_id      = aws_vpc.seoul.id
  peer_vpc_id = "vpc-0d1f2e3a4b5c6d7e8"
  peer_region = "ap-northeast-1"
}

resource "aws_eks_cluster" "seoul" {
  name                = "shop-seoul"
  role_arn            = "arn:aws:iam::111122223333:role/eks-cluster"
  deletion_protection = true

  vpc_config {
    subnet_ids = ["subnet-0a1", "subnet-0a2"]
  }
}

resource "aws_route53_health_check" "orders_seoul" {
  fqdn              = "health.seoul.orders.example.com"
  type              = "HTTPS"
  resource_path     = "/healthz"
  failure_threshold = 3
  request_interval  = 10
}

# What applications are told: a name that moves, never the host of one region.
resource "aws_route53_record" "orders_db" {
  zone_id         = "Z0123456789ABCDEFGHIJ"
  name            = "orders-db.internal.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [aws_db_instance.orders.address]
  set_identifier  = "seoul"
  health_check_id = aws_route53_health_check.orders_seoul.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}
