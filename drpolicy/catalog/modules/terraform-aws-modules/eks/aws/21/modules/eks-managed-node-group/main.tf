# Interface of the submodule eks-managed-node-group. It holds no store and makes no copy of one, so nothing of it is modelled.
