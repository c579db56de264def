# Interface of the submodule hybrid-node-role. It holds no store and makes no copy of one, so nothing of it is modelled.
