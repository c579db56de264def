# Interface of cloudposse/security-group/aws: a security group. It holds no store and makes no copy of one, so nothing of it is modelled.
