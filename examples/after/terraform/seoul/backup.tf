resource "aws_backup_vault" "seoul" {
  name = "shop-seoul"
}

resource "aws_backup_plan" "hourly" {
  name = "hourly"

  rule {
    rule_name         = "hourly"
    target_vault_name = aws_backup_vault.seoul.name
    schedule          = "cron(0 * * * ? *)"
    start_window      = 60
    completion_window = 120

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:shop-tokyo"

      lifecycle {
        delete_after = 35
      }
    }
  }
}

resource "aws_backup_selection" "hourly" {
  name         = "hourly"
  plan_id      = aws_backup_plan.hourly.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources = [
    aws_dynamodb_table.orders.arn,
    aws_efs_file_system.uploads.arn,
  ]
}

resource "aws_backup_vault_lock_configuration" "seoul" {
  backup_vault_name  = aws_backup_vault.seoul.name
  min_retention_days = 14
}
