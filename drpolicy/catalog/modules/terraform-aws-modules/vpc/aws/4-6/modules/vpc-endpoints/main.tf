# Interface of the submodule vpc-endpoints. It holds no store and makes no copy of one, so nothing of it is modelled.
