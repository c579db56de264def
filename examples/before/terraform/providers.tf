terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "dr_region" {
  description = "Where we recover to"
  type        = string
  default     = "ap-northeast-1"
}

provider "aws" {
  region = "ap-northeast-2"
}

provider "aws" {
  alias  = "dr_region"
  region = var.dr_region
}

provider "aws" {
  alias  = "dr_media"
  region = "ap-northeast-2"
}
