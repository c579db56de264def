resource "aws_vpc" "primary" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "dr" {
  provider   = aws.dr_region
  cidr_block = "10.0.0.0/16"
}

resource "aws_eks_cluster" "primary" {
  name     = "primary"
  role_arn = "arn:aws:iam::111122223333:role/eks-cluster"

  vpc_config {
    subnet_ids = ["subnet-0a1", "subnet-0a2"]
  }
}

resource "aws_eks_cluster" "dr" {
  provider = aws.dr_region
  name     = "dr"
  role_arn = "arn:aws:iam::111122223333:role/eks-cluster"

  vpc_config {
    subnet_ids = ["subnet-0b1", "subnet-0b2"]
  }
}
