resource "aws_db_instance" "orders" {
  identifier                = "orders-db"
  engine                    = "postgres"
  instance_class            = "db.r6g.large"
  allocated_storage         = 200
  multi_az                  = true
  storage_encrypted         = true
  backup_retention_period   = 14
  delete_automated_backups  = false
  deletion_protection       = true
  final_snapshot_identifier = "orders-db-final"
}

resource "aws_db_instance" "billing" {
  identifier                = "billing-db"
  engine                    = "postgres"
  instance_class            = "db.r6g.large"
  allocated_storage         = 100
  multi_az                  = true
  storage_encrypted         = true
  backup_retention_period   = 14
  delete_automated_backups  = false
  deletion_protection       = true
  final_snapshot_identifier = "billing-db-final"
}

resource "aws_db_instance" "reporting" {
  identifier                = "reporting-db"
  engine                    = "postgres"
  instance_class            = "db.t4g.large"
  allocated_storage         = 100
  multi_az                  = true
  storage_encrypted         = true
  backup_retention_period   = 7
  delete_automated_backups  = false
  deletion_protection       = true
  final_snapshot_identifier = "reporting-db-final"
}

resource "aws_dynamodb_table" "orders" {
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  replica {
    region_name                 = "ap-northeast-1"
    point_in_time_recovery      = true
    deletion_protection_enabled = true
  }
}
