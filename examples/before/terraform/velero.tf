resource "aws_s3_bucket" "velero_primary" {
  bucket        = "my-velero-backups"
  force_destroy = true
}

resource "aws_s3_bucket" "velero_dr" {
  provider = aws.dr_region
  bucket   = "my-velero-backups-dr"
}

resource "aws_s3_bucket_replication_configuration" "velero" {
  bucket = aws_s3_bucket.velero_primary.id
  role   = "arn:aws:iam::111122223333:role/velero-replication"

  rule {
    id     = "replicate-to-dr"
    status = "Enabled"

    destination {
      bucket        = aws_s3_bucket.velero_dr.arn
      storage_class = "STANDARD"
    }
  }
}
