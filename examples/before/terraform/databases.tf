resource "aws_db_instance" "primary" {
  identifier                = "primary-db"
  engine                    = "postgres"
  instance_class            = "db.r6g.large"
  allocated_storage         = 200
  multi_az                  = true
  storage_encrypted         = true
  backup_retention_period   = 7
  deletion_protection       = true
  final_snapshot_identifier = "primary-db-final"
}

# Promote this one when Seoul is gone.
resource "aws_db_instance" "replica" {
  provider            = aws.dr_region
  identifier          = "replica-db"
  instance_class      = "db.r6g.large"
  replicate_source_db = aws_db_instance.primary.arn
}

resource "aws_db_instance" "billing" {
  identifier                = "billing-db"
  engine                    = "postgres"
  instance_class            = "db.r6g.large"
  allocated_storage         = 100
  multi_az                  = true
  backup_retention_period   = 7
  deletion_protection       = true
  final_snapshot_identifier = "billing-db-final"
}

resource "aws_db_instance" "reporting" {
  identifier              = "reporting-db"
  engine                  = "postgres"
  instance_class          = "db.t4g.large"
  allocated_storage       = 100
  backup_retention_period = 0
  skip_final_snapshot     = true
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
