resource "terraform_data" "kept" {
  input = "as it was"
}

resource "terraform_data" "updated" {
  input = "after"
}

resource "terraform_data" "replaced" {
  input            = "new"
  triggers_replace = 2
}

resource "terraform_data" "created" {
  input = terraform_data.kept.id
}
