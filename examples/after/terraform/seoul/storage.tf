resource "aws_kms_key" "seoul" {
  description  = "Backups and media in Seoul"
  multi_region = true
}

resource "aws_s3_bucket" "velero" {
  bucket = "shop-velero-seoul"
}

resource "aws_s3_bucket_versioning" "velero" {
  bucket = aws_s3_bucket.velero.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "velero" {
  depends_on = [aws_s3_bucket_versioning.velero]
  bucket     = aws_s3_bucket.velero.id
  role       = "arn:aws:iam::111122223333:role/velero-replication"

  rule {
    id     = "to-tokyo"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = "arn:aws:s3:::shop-velero-seoul-copy"
      storage_class = "STANDARD"

      encryption_configuration {
        replica_kms_key_id = "arn:aws:kms:ap-northeast-1:111122223333:alias/shop-tokyo"
      }

      metrics {
        status = "Enabled"

        event_threshold {
          minutes = 15
        }
      }

      replication_time {
        status = "Enabled"

        time {
          minutes = 15
        }
      }
    }
  }
}

resource "aws_s3_bucket" "media" {
  bucket = "shop-media"
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "media" {
  depends_on = [aws_s3_bucket_versioning.media]
  bucket     = aws_s3_bucket.media.id
  role       = "arn:aws:iam::111122223333:role/media-replication"

  rule {
    id     = "to-tokyo"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket = "arn:aws:s3:::shop-media-tokyo"

      encryption_configuration {
        replica_kms_key_id = "arn:aws:kms:ap-northeast-1:111122223333:alias/shop-tokyo"
      }

      metrics {
        status = "Enabled"

        event_threshold {
          minutes = 15
        }
      }

      replication_time {
        status = "Enabled"

        time {
          minutes = 15
        }
      }
    }
  }
}

resource "aws_efs_file_system" "uploads" {
  creation_token = "uploads"
  encrypted      = true
}

resource "aws_efs_backup_policy" "uploads" {
  file_system_id = aws_efs_file_system.uploads.id

  backup_policy {
    status = "ENABLED"
  }
}
