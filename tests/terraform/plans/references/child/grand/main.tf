variable "value" {
  type = string
}

resource "terraform_data" "deep" {
  input = var.value
}

output "id" {
  value = terraform_data.deep.id
}
