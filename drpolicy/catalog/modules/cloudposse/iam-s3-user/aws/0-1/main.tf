# Interface of cloudposse/iam-s3-user/aws: a user of a bucket. It holds no store and makes no copy of one, so nothing of it is modelled.
