# Interface of the submodule fargate-profile. It holds no store and makes no copy of one, so nothing of it is modelled.
