"""Velero by way of Terraform: positions are those in the .tf file, also inside heredocs, templates and yamlencode."""

from __future__ import annotations

import pytest
from channel_fixtures import not_read, reached

HEAD = 'resource "helm_release" "velero" {\n  name = "velero"\n  chart = "velero"\n  namespace = "velero"\n'


def test_yamlencode_keeps_the_places_of_its_argument() -> None:
    text = (
        f"{HEAD}  values = [yamlencode({{\n    configuration = {{\n      backupStorageLocation = [{{\n"
        '        provider = "aws"\n        bucket = var.bucket\n      }]\n    }\n  })]\n}\nvariable "bucket" {}\n'
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//BackupStorageLocation/velero/default prod/main.tf:7:32",
        "  provider = aws prod/main.tf:8:20",
        "  objectStorage.bucket ? prod:var.bucket prod/main.tf:14:1",
    ]


def test_a_heredoc_keeps_its_lines_and_what_is_filled_in() -> None:
    text = (
        'variable "cron" { default = "@daily" }\nvariable "where" {}\n'
        f'{HEAD}  values = [\n    <<-EOT\n    schedules:\n      daily:\n        schedule: "${{var.cron}}"\n'
        "        template:\n          ttl: 12h\n          storageLocation: ${var.where}\n    EOT\n  ]\n}\n"
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//Schedule/velero/velero-daily prod/main.tf:10:7",
        "  schedule = @daily prod/main.tf:11:19",
        "  template.ttl = 12h prod/main.tf:13:16",
        "  template.storageLocation ? prod:var.where prod/main.tf:2:1",
    ]


def test_a_directive_gives_as_many_lines_as_it_gives() -> None:
    text = (
        f'locals {{\n  names = ["shop", "web"]\n}}\n{HEAD}  values = [<<EOT\nschedules:\n  daily:\n    schedule: \'@daily\'\n'
        "    template:\n      includedNamespaces:\n%{ for each in local.names ~}\n      - ${each}\n%{ endfor ~}\n"
        "      ttl: 5h\nEOT\n  ]\n}\n"
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//Schedule/velero/velero-daily prod/main.tf:10:3",
        "  schedule = @daily prod/main.tf:11:15",
        "  template.includedNamespaces[0] = shop prod/main.tf:2:12",
        "  template.includedNamespaces[1] = web prod/main.tf:2:20",
        "  template.ttl = 5h prod/main.tf:17:12",
    ]


def test_templatefile_points_into_the_template() -> None:
    files = {
        "prod/main.tf": f'{HEAD}  values = [templatefile("${{path.module}}/v.tpl", {{ cron = "@hourly" }})]\n}}\n',
        "prod/v.tpl": "schedules:\n  daily:\n    schedule: '${cron}'\n    template: {ttl: 1h}\n",
    }
    assert reached(files) == [
        "prod//Schedule/velero/velero-daily prod/v.tpl:2:3",
        "  schedule = @hourly prod/v.tpl:3:15",
        "  template.ttl = 1h prod/v.tpl:4:21",
    ]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('  set {\n    name = "schedules.daily.template.ttl"\n    value = "9h"\n  }\n', "prod/main.tf:8:13"),
        ('  set = [{ name = "schedules.daily.template.ttl", value = "9h" }]\n', "prod/main.tf:6:59"),
    ],
)
def test_set_counts_before_values_in_both_forms(written: str, place: str) -> None:
    values = '  values = [jsonencode({ schedules = { daily = { schedule = "@daily", template = { ttl = "1h" } } } })]\n'
    assert f"  template.ttl = 9h {place}" in reached({"prod/main.tf": f"{HEAD}{values}{written}}}\n"})


def test_a_release_that_may_not_be_made() -> None:
    text = (
        f'variable "on" {{}}\n{HEAD}  count = var.on ? 1 : 0\n'
        f"  values = [\"schedules: {{d: {{schedule: '@daily', template: {{}}}}}}\"]\n}}\n"
    )
    assert reached({"prod/main.tf": text})[0] == "prod//Schedule/velero/velero-d ? prod/main.tf:7:26"


def test_objects_of_the_kubernetes_and_kubectl_providers() -> None:
    text = (
        'resource "kubernetes_manifest" "a" {\n  manifest = {\n    apiVersion = "velero.io/v1"\n    kind = "Schedule"\n'
        '    metadata = { name = "a", namespace = "velero" }\n    spec = { schedule = "@daily" }\n  }\n}\n'
        'resource "kubectl_manifest" "b" {\n  yaml_body = <<YAML\napiVersion: velero.io/v1\nkind: Schedule\nmetadata:\n  name: b\n'
        "  namespace: velero\nspec:\n  schedule: '@hourly'\nYAML\n}\n"
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//Schedule/velero/a prod/main.tf:5:25",
        "  schedule = @daily prod/main.tf:6:25",
        "prod//Schedule/velero/b prod/main.tf:14:9",
        "  schedule = @hourly prod/main.tf:17:13",
    ]


def test_values_that_are_not_known_leave_the_release_open() -> None:
    text = f'variable "values" {{}}\n{HEAD}  values = [var.values]\n}}\n'
    assert not_read({"prod/main.tf": text}) == [("helm_release.velero", "*")]


def test_a_chart_in_the_repository_is_found_from_the_root() -> None:
    files = {
        "prod/main.tf": HEAD.replace('"velero"\n  namespace', '"../charts/platform"\n  namespace') + "}\n",
        "charts/platform/Chart.yaml": "name: platform\ndependencies: [{name: velero}]\n",
        "charts/platform/values.yaml": "velero:\n  schedules:\n    d: {schedule: '@daily', template: {}}\n",
    }
    assert reached(files) == [
        "prod//Schedule/velero/velero-d charts/platform/values.yaml:3:5",
        "  schedule = @daily charts/platform/values.yaml:3:19",
    ]


DAILY = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\nspec: {schedule: '@daily'}\n"
HOURLY = (
    "# every hour\napiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: hourly, namespace: velero}\n"
    "spec:\n  schedule: '${at} * * * *'\n"
)
DAILY_FOUND = ["prod//Schedule/velero/daily prod/m/a.yaml:3:18", "  schedule = @daily prod/m/a.yaml:4:18"]
HOURLY_UNKNOWN = ["prod//Schedule/velero/hourly prod/m/a.yaml:9:18", "  schedule ? prod/m/a.yaml:${at} * * * * prod/m/a.yaml:11:13"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'resource "kubernetes_manifest" "a" {\n  manifest = yamldecode(split("---", file("${path.module}/m/a.yaml"))[0])\n}\n',
            # Who applies the other document nothing says.
            HOURLY_UNKNOWN + DAILY_FOUND,
        ),
        (
            'resource "kubernetes_manifest" "a" {\n'
            '  for_each = { for at, each in split("---", file("m/a.yaml")) : at => yamldecode(each) if trimspace(each) != "" }\n'
            "  manifest = each.value\n}\n",
            DAILY_FOUND + HOURLY_UNKNOWN,
        ),
        (
            'resource "kubernetes_manifest" "a" {\n'
            '  for_each = { for each in provider::kubernetes::manifest_decode_multi(file("m/a.yaml")) : each.metadata.name => each }\n'
            "  manifest = each.value\n}\n",
            DAILY_FOUND + HOURLY_UNKNOWN,
        ),
        (
            'data "kubectl_file_documents" "d" {\n  content = file("m/a.yaml")\n}\nresource "kubectl_manifest" "a" {\n'
            "  for_each = data.kubectl_file_documents.d.manifests\n  yaml_body = each.value\n}\n",
            DAILY_FOUND + HOURLY_UNKNOWN,
        ),
        (
            'data "kubectl_filename_list" "d" {\n  pattern = "m/*.yaml"\n}\nresource "kubectl_manifest" "a" {\n'
            "  count = length(data.kubectl_filename_list.d.matches)\n"
            "  yaml_body = file(element(data.kubectl_filename_list.d.matches, count.index))\n}\n",
            DAILY_FOUND + HOURLY_UNKNOWN,
        ),
        (
            'data "kubectl_path_documents" "d" {\n  pattern = "${path.module}/m/*.yaml"\n  vars = { at = "5" }\n}\n'
            'resource "kubectl_manifest" "a" {\n  for_each = data.kubectl_path_documents.d.manifests\n  yaml_body = each.value\n}\n',
            [
                *DAILY_FOUND,
                "prod//Schedule/velero/hourly prod/m/a.yaml:9:18",
                "  schedule = 5 * * * * prod/m/a.yaml:11:13",
            ],
        ),
        (
            'variable "at" {}\ndata "kubectl_path_documents" "d" {\n  pattern = "./m/*.yaml"\n  vars = { at = var.at }\n}\n'
            'resource "kubectl_manifest" "a" {\n  count = length(data.kubectl_path_documents.d.documents)\n'
            "  yaml_body = data.kubectl_path_documents.d.documents[count.index]\n}\n",
            [
                *DAILY_FOUND,
                "prod//Schedule/velero/hourly prod/m/a.yaml:9:18",
                "  schedule ? prod:var.at * * * * prod/m/a.yaml:11:13",
            ],
        ),
    ],
)
def test_a_file_that_terraform_applies_is_read_once_and_where_it_is_written(text: str, expected: list[str]) -> None:
    assert reached({"prod/main.tf": text, "prod/m/a.yaml": f"{DAILY}---\n{HOURLY}"}) == expected


def test_the_single_manifest_of_a_file() -> None:
    text = 'resource "kubernetes_manifest" "a" {\n  manifest = provider::kubernetes::manifest_decode(file("m/a.yaml"))\n}\n'
    assert reached({"prod/main.tf": text, "prod/m/a.yaml": DAILY}) == DAILY_FOUND


def test_a_file_that_may_not_be_applied_may_not_be_on_the_cluster() -> None:
    text = (
        'variable "on" {}\nresource "kubectl_manifest" "a" {\n  count = var.on ? 1 : 0\n  yaml_body = file("${path.module}/m/a.yaml")\n}\n'
    )
    assert reached({"prod/main.tf": text, "prod/m/a.yaml": DAILY})[0] == "prod//Schedule/velero/daily ? prod/m/a.yaml:3:18"


def test_a_decoded_manifest_that_is_changed_points_at_the_call() -> None:
    text = (
        'resource "kubernetes_manifest" "a" {\n  manifest = merge(yamldecode(file("${path.module}/m/a.yaml")),\n'
        '    { spec = { schedule = "@weekly" } })\n}\n'
    )
    assert reached({"prod/main.tf": text, "prod/m/a.yaml": DAILY})[-1] == "  schedule = @weekly prod/main.tf:3:27"


def test_an_application_that_terraform_applies_installs_its_chart() -> None:
    text = (
        'resource "kubectl_manifest" "a" {\n  yaml_body = <<YAML\napiVersion: argoproj.io/v1alpha1\nkind: Application\n'
        "metadata: {name: velero, namespace: argocd}\nspec:\n  destination: {namespace: velero}\n  source:\n    chart: velero\n"
        "    repoURL: https://charts.example.com\n    helm:\n      valuesObject:\n        schedules:\n"
        "          daily: {schedule: '@daily', template: {}}\nYAML\n}\n"
    )
    assert reached({"prod/main.tf": text}) == [
        "prod//Schedule/velero/velero-daily prod/main.tf:14:11",
        "  schedule = @daily prod/main.tf:14:29",
    ]
