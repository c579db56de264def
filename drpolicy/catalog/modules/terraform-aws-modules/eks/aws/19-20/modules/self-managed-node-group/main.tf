# Interface of the submodule self-managed-node-group. It holds no store and makes no copy of one, so nothing of it is modelled.
