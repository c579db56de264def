# Interface of the submodule object: one object in a bucket. It holds no store and makes no copy of one, so nothing of it is modelled.
