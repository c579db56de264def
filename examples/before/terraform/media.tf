resource "aws_s3_bucket" "media" {
  bucket = "shop-media"
}

resource "aws_s3_bucket" "media_dr" {
  provider = aws.dr_media
  bucket   = "shop-media-dr"
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_versioning" "media_dr" {
  provider = aws.dr_media
  bucket   = aws_s3_bucket.media_dr.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "media" {
  bucket = aws_s3_bucket.media.id
  role   = "arn:aws:iam::111122223333:role/media-replication"

  rule {
    id     = "media-to-dr"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket = aws_s3_bucket.media_dr.arn
    }
  }
}

resource "aws_efs_file_system" "uploads" {
  creation_token = "uploads"
}
