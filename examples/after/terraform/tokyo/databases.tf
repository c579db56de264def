resource "aws_kms_key" "tokyo" {
  description  = "Replicas and copies in Tokyo"
  multi_region = true
}

# Promote this one when Seoul is gone: docs/runbooks/orders-failover.md.
resource "aws_db_instance" "orders_replica" {
  identifier                = "orders-db-tokyo"
  instance_class            = "db.r6g.large"
  replicate_source_db       = "arn:aws:rds:ap-northeast-2:111122223333:db:orders-db"
  kms_key_id                = aws_kms_key.tokyo.arn
  multi_az                  = true
  backup_retention_period   = 14
  delete_automated_backups  = false
  deletion_protection       = true
  final_snapshot_identifier = "orders-db-tokyo-final"
}

resource "aws_db_instance_automated_backups_replication" "orders" {
  source_db_instance_arn = "arn:aws:rds:ap-northeast-2:111122223333:db:orders-db"
  kms_key_id             = aws_kms_key.tokyo.arn
  retention_period       = 14
}

resource "aws_db_instance_automated_backups_replication" "billing" {
  source_db_instance_arn = "arn:aws:rds:ap-northeast-2:111122223333:db:billing-db"
  kms_key_id             = aws_kms_key.tokyo.arn
  retention_period       = 14
}

resource "aws_db_instance_automated_backups_replication" "reporting" {
  source_db_instance_arn = "arn:aws:rds:ap-northeast-2:111122223333:db:reporting-db"
  kms_key_id             = aws_kms_key.tokyo.arn
  retention_period       = 7
}
