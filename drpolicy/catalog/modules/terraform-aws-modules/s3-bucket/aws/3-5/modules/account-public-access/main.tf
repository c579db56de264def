# Interface of the submodule account-public-access: the account's public access settings. It holds no store and makes no copy of one, so nothing of it is modelled.
