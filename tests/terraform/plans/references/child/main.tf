variable "name" {
  type = string
}

variable "up" {
  type = string
}

resource "terraform_data" "in" {
  input = { name = var.name, up = var.up }
}

module "grand" {
  source = "./grand"
  count  = 1
  value  = var.up
}

output "id" {
  value = terraform_data.in.id
}

output "inner" {
  value = module.grand[0].id
}
