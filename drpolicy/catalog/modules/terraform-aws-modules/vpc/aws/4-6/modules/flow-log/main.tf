# Interface of the submodule flow-log. It holds no store and makes no copy of one, so nothing of it is modelled.
