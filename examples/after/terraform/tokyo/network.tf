resource "aws_vpc" "tokyo" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_eks_cluster" "tokyo" {
  name                = "shop-tokyo"
  role_arn            = "arn:aws:iam::111122223333:role/eks-cluster"
  deletion_protection = true

  vpc_config {
    subnet_ids = ["subnet-0b1", "subnet-0b2"]
  }
}

resource "aws_route53_record" "orders_db" {
  zone_id        = "Z0123456789ABCDEFGHIJ"
  name           = "orders-db.internal.example.com"
  type           = "CNAME"
  ttl            = 60
  records        = [aws_db_instance.orders_replica.address]
  set_identifier = "tokyo"

  failover_routing_policy {
    type = "SECONDARY"
  }
}
