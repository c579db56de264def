"""Plans and states (``terraform show -json``, ``terraform.tfstate``): the same resources as from HCL, with what only Terraform knows."""
