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
  type = any
  default = {
    enabled             = true
    namespace           = null
    tenant              = null
    environment         = null
    stage               = null
    name                = null
    delimiter           = null
    attributes          = []
    tags                = {}
    additional_tag_map  = {}
    regex_replace_chars = null
    label_order         = []
    id_length_limit     = null
    label_key_case      = null
    label_value_case    = null
    descriptor_formats  = {}
    labels_as_tags      = ["unset"]
  }
}

locals {
  # What is given here wins over the context, except that attributes and tags are added to it.
  enabled             = var.enabled == null ? var.context.enabled : var.enabled
  namespace           = var.namespace == null ? var.context.namespace : var.namespace
  tenant              = var.tenant == null ? try(var.context.tenant, null) : var.tenant
  environment         = var.environment == null ? var.context.environment : var.environment
  stage               = var.stage == null ? var.context.stage : var.stage
  name                = var.name == null ? var.context.name : var.name
  delimiter           = var.delimiter == null ? var.context.delimiter : var.delimiter
  label_order         = var.label_order == null ? var.context.label_order : var.label_order
  regex_replace_chars = var.regex_replace_chars == null ? var.context.regex_replace_chars : var.regex_replace_chars
  id_length_limit     = var.id_length_limit == null ? var.context.id_length_limit : var.id_length_limit
  label_key_case      = var.label_key_case == null ? try(var.context.label_key_case, null) : var.label_key_case
  label_value_case    = var.label_value_case == null ? try(var.context.label_value_case, null) : var.label_value_case
  given_attributes    = compact(distinct(concat(try(coalesce(var.context.attributes, []), []), coalesce(var.attributes, []))))
  given_tags          = merge(var.context.tags, var.tags)
  additional_tag_map  = merge(var.context.additional_tag_map, var.additional_tag_map)
  descriptor_formats  = merge(try(var.context.descriptor_formats, {}), var.descriptor_formats)
  labels_as_tags      = try(contains(var.context.labels_as_tags, "unset"), true) ? var.labels_as_tags : var.context.labels_as_tags

  context = {
    enabled             = local.enabled
    namespace           = local.namespace
    tenant              = local.tenant
    environment         = local.environment
    stage               = local.stage
    name                = local.name
    delimiter           = local.delimiter
    label_order         = local.label_order
    regex_replace_chars = local.regex_replace_chars
    id_length_limit     = local.id_length_limit
    label_key_case      = local.label_key_case
    label_value_case    = local.label_value_case
    attributes          = local.given_attributes
    tags                = local.given_tags
    additional_tag_map  = local.additional_tag_map
    descriptor_formats  = local.descriptor_formats
    labels_as_tags      = local.labels_as_tags
  }

  separator  = local.delimiter == null ? "-" : local.delimiter
  unwanted   = local.regex_replace_chars == null ? "/[^-a-zA-Z0-9]/" : local.regex_replace_chars
  key_case   = local.label_key_case == null ? "title" : local.label_key_case
  value_case = local.label_value_case == null ? "lower" : local.label_value_case
  order      = local.label_order == null ? local.usual_order : coalescelist(local.label_order, local.usual_order)
  limit      = local.id_length_limit == null ? 0 : local.id_length_limit

  usual_order = ["namespace", "environment", "stage", "name", "attributes"]

  plain = {
    for label, text in { namespace = local.namespace, tenant = local.tenant, environment = local.environment, stage = local.stage, name = local.name } :
    label => text == null ? "" : replace(text, local.unwanted, "")
  }
  cased = { for label, text in local.plain : label => local.value_case == "none" ? text : local.value_case == "title" ? title(lower(text)) : local.value_case == "upper" ? upper(text) : lower(text) }

  plain_attributes = compact(distinct([for each in local.given_attributes : replace(each, local.unwanted, "")]))
  attributes       = compact(distinct([for each in local.plain_attributes : local.value_case == "none" ? each : local.value_case == "title" ? title(lower(each)) : local.value_case == "upper" ? upper(each) : lower(each)]))

  labels = merge(local.cased, { attributes = join(local.separator, local.attributes) })
  full   = join(local.separator, [for label in local.order : local.labels[label] if length(local.labels[label]) > 0])
  id     = local.limit != 0 && length(local.full) > local.limit ? terraform_data.shortened.id : local.full

  tagged = merge(local.labels, { name = local.id })
  chosen = contains(local.labels_as_tags, "default") ? keys(local.tagged) : local.labels_as_tags
  generated = {
    for label in setintersection(keys(local.tagged), local.chosen) :
    local.key_case == "upper" ? upper(label) : local.key_case == "lower" ? lower(label) : title(lower(label)) => local.tagged[label] if length(local.tagged[label]) > 0
  }
  tags = merge(local.generated, local.given_tags)
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
  value = local.enabled ? local.separator : ""
}

output "attributes" {
  value = local.enabled ? local.attributes : []
}

output "tags" {
  value = local.enabled ? local.tags : {}
}

output "additional_tag_map" {
  value = local.enabled ? local.additional_tag_map : {}
}

output "label_order" {
  value = local.order
}

output "regex_replace_chars" {
  value = local.unwanted
}

output "id_length_limit" {
  value = local.enabled ? local.limit : 0
}

output "context" {
  value = local.context
}

output "normalized_context" {
  value = merge(local.context, local.cased, { delimiter = local.separator, attributes = local.attributes, tags = local.tags, label_order = local.order, regex_replace_chars = local.unwanted, id_length_limit = local.limit, label_key_case = local.key_case, label_value_case = local.value_case })
}
