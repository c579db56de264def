# Interface of cloudposse/dynamodb-autoscaler/aws: the capacity of a table. It holds no store and makes no copy of one, so nothing of it is modelled.
