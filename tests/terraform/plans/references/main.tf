variable "number" {
  type    = number
  default = 2
}

variable "secret" {
  type      = string
  default   = "correct-horse"
  sensitive = true
}

locals {
  keys   = toset(["a", "b"])
  passed = terraform_data.one.output
}

resource "terraform_data" "one" {
  input = "x"
}

resource "terraform_data" "many" {
  for_each = local.keys
  input    = { name = each.key, reference = terraform_data.one.id, literals = [1, true, null] }
}

resource "terraform_data" "each" {
  for_each = local.keys
  input    = terraform_data.many[each.key].id
}

resource "terraform_data" "counted" {
  count            = var.number
  input            = "${terraform_data.one.id}/${count.index}"
  triggers_replace = [terraform_data.many["a"].id, var.secret]
}

resource "terraform_data" "absent" {
  count = var.number > 2 ? 1 : 0
  input = "never"
}

module "child" {
  source   = "./child"
  for_each = local.keys
  name     = each.key
  up       = terraform_data.one.id
}

resource "terraform_data" "through_module" {
  input = module.child["a"].id
}

resource "terraform_data" "through_two_modules" {
  input = module.child["b"].inner
}

resource "terraform_data" "through_local" {
  input = local.passed
}

resource "terraform_data" "secret" {
  input = var.secret
}

resource "terraform_data" "all" {
  input = terraform_data.counted[*].id
}

resource "terraform_data" "chosen" {
  input = terraform_data.counted[var.number - 1].id
}
