# Interface of the submodule notification: notifications of a bucket. It holds no store and makes no copy of one, so nothing of it is modelled.
