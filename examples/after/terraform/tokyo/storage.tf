resource "aws_backup_vault" "tokyo" {
  name        = "shop-tokyo"
  kms_key_arn = aws_kms_key.tokyo.arn
}

resource "aws_backup_vault_lock_configuration" "tokyo" {
  backup_vault_name  = aws_backup_vault.tokyo.name
  min_retention_days = 14
}

# The copy of Seoul's Velero bucket, and the bucket that Seoul's second schedule writes to directly.
resource "aws_s3_bucket" "velero_copy" {
  bucket = "shop-velero-seoul-copy"
}

resource "aws_s3_bucket_versioning" "velero_copy" {
  bucket = aws_s3_bucket.velero_copy.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "velero_tokyo" {
  bucket = "shop-velero-tokyo"
}

resource "aws_s3_bucket_versioning" "velero_tokyo" {
  bucket = aws_s3_bucket.velero_tokyo.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "media" {
  bucket = "shop-media-tokyo"
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Enabled"
  }
}
