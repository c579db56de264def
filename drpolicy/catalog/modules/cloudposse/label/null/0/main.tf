# Interface of cloudposse/label/null 0.25: names and tags out of labels. It makes no resource.
#
# Not modelled: descriptors, and names longer than `id_length_limit`, which end with a hash.

variable "enabled" {
  type    = bool
  default = null
}

variable "namespace" {
  type    = string
  default = null
}

variable "tenant" {
  type    = string
  default = null
}

variable "environment" {
  type    = string
  default = null
}

variable "stage" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = null
}

variable "delimiter" {
  type    = string
  default = null
}

variable "attributes" {
  type    = list(string)
  default = []
}

variable "labels_as_tags" {
  type    = set(string)
  default = ["default"]
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "additional_tag_map" {
  type    = map(string)
  default = {}
}

variable "label_order" {
  type    = list(string)
  default = null
}

variable "regex_replace_chars" {
  type    = string
  default = null
}

variable "id_length_limit" {
  type    = number
  default = null
}

variable "label_key_case" {
  type    = string
  default = null
}

variable "label_value_case" {
  type    = string
  default = null
}

variable "descriptor_formats" {
  type    = any
  default = {}
}

variable "context" {
  type    = any
  default = {}
}

locals {
  # What is given here wins over the context, except that attributes and tags are added to it.
  input = {
    enabled             = var.enabled != null ? var.enabled : try(var.context.enabled, true)
    namespace           = var.namespace != null ? var.namespace : try(var.context.namespace, null)
    tenant              = var.tenant != null ? var.tenant : try(var.context.tenant, null)
    environment         = var.environment != null ? var.environment : try(var.context.environment, null)
    stage               = var.stage != null ? var.stage : try(var.context.stage, null)
    name                = var.name != null ? var.name : try(var.context.name, null)
    delimiter           = var.delimiter != null ? var.delimiter : try(var.context.delimiter, null)
    label_order         = var.label_order != null ? var.label_order : try(var.context.label_order, null)
    regex_replace_chars = var.regex_replace_chars != null ? var.regex_replace_chars : try(var.context.regex_replace_chars, null)
    id_length_limit     = var.id_length_limit != null ? var.id_length_limit : try(var.context.id_length_limit, null)
    label_key_case      = var.label_key_case != null ? var.label_key_case : try(var.context.label_key_case, null)
    label_value_case    = var.label_value_case != null ? var.label_value_case : try(var.context.label_value_case, null)
    attributes          = compact(distinct(concat(try(coalesce(var.context.attributes, []), []), coalesce(var.attributes, []))))
    tags                = merge(try(var.context.tags, {}), var.tags)
    additional_tag_map  = merge(try(var.context.additional_tag_map, {}), var.additional_tag_map)
    descriptor_formats  = merge(try(var.context.descriptor_formats, {}), var.descriptor_formats)
    labels_as_tags      = try(contains(var.context.labels_as_tags, "unset"), true) ? var.labels_as_tags : var.context.labels_as_tags
  }

  enabled    = local.input.enabled
  delimiter  = local.input.delimiter == null ? "-" : local.input.delimiter
  unwanted   = local.input.regex_replace_chars == null ? "/[^-a-zA-Z0-9]/" : local.input.regex_replace_chars
  key_case   = local.input.label_key_case == null ? "title" : local.input.label_key_case
  value_case = local.input.label_value_case == null ? "lower" : local.input.label_value_case
  order      = local.input.label_order == null ? local.usual_order : coalescelist(local.input.label_order, local.usual_order)
  limit      = local.input.id_length_limit == null ? 0 : local.input.id_length_limit

  usual_order = ["namespace", "environment", "stage", "name", "attributes"]

  plain = { for label in ["namespace", "tenant", "environment", "stage", "name"] : label => local.input[label] == null ? "" : replace(local.input[label], local.unwanted, "") }
  cased = { for label, text in local.plain : label => local.value_case == "none" ? text : local.value_case == "title" ? title(lower(text)) : local.value_case == "upper" ? upper(text) : lower(text) }

  plain_attributes = compact(distinct([for each in local.input.attributes : replace(each, local.unwanted, "")]))
  attributes       = compact(distinct([for each in local.plain_attributes : local.value_case == "none" ? each : local.value_case == "title" ? title(lower(each)) : local.value_case == "upper" ? upper(each) : lower(each)]))

  labels = merge(local.cased, { attributes = join(local.delimiter, local.attributes) })
  full   = join(local.delimiter, [for label in local.order : local.labels[label] if length(local.labels[label]) > 0])
  id     = local.limit != 0 && length(local.full) > local.limit ? terraform_data.shortened.id : local.full

  tagged = merge(local.labels, { name = local.id })
  chosen = contains(local.input.labels_as_tags, "default") ? keys(local.tagged) : local.input.labels_as_tags
  generated = {
    for label in setintersection(keys(local.tagged), local.chosen) :
    local.key_case == "upper" ? upper(label) : local.key_case == "lower" ? lower(label) : title(lower(label)) => local.tagged[label] if length(local.tagged[label]) > 0
  }
  tags = merge(local.generated, local.input.tags)
}

# Stands for a name that is cut to the limit and ends with a hash.
resource "terraform_data" "shortened" {
}

output "id" {
  value = local.enabled ? local.id : ""
}

output "id_full" {
  value = local.enabled ? local.full : ""
}

output "enabled" {
  value = local.enabled
}

output "namespace" {
  value = local.enabled ? local.cased["namespace"] : ""
}

output "tenant" {
  value = local.enabled ? local.cased["tenant"] : ""
}

output "environment" {
  value = local.enabled ? local.cased["environment"] : ""
}

output "stage" {
  value = local.enabled ? local.cased["stage"] : ""
}

output "name" {
  value = local.enabled ? local.cased["name"] : ""
}

output "delimiter" {
  value = local.enabled ? local.delimiter : ""
}

output "attributes" {
  value = local.enabled ? local.attributes : []
}

output "tags" {
  value = local.enabled ? local.tags : {}
}

output "additional_tag_map" {
  value = local.enabled ? local.input.additional_tag_map : {}
}

output "label_order" {
  value = local.order
}

output "regex_replace_chars" {
  value = local.enabled ? local.unwanted : ""
}

output "id_length_limit" {
  value = local.enabled ? local.limit : 0
}

output "context" {
  value = local.input
}

output "normalized_context" {
  value = merge(local.input, local.cased, { delimiter = local.delimiter, attributes = local.attributes, tags = local.tags, label_order = local.order, regex_replace_chars = local.unwanted, id_length_limit = local.limit, label_key_case = local.key_case, label_value_case = local.value_case })
}
