"""Velero's objects against custom resource definitions of the user's own."""

from __future__ import annotations

from channel_fixtures import read

from drpolicy.kubernetes.custom_definitions import definitions_in, field_problems
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: schedules.velero.io}
spec:
  group: velero.io
  names: {kind: Schedule, plural: schedules}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [schedule]
            properties:
              schedule: {type: string}
              paused: {type: boolean}
              owner: {type: boolean, nullable: true}
              limit: {anyOf: [{type: integer}, {type: string}], x-kubernetes-int-or-string: true}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              template:
                type: object
                properties:
                  labelSelector: {type: object, properties: {matchLabels: {type: object, additionalProperties: {type: string}}}}
                  volumes: {type: array, maxItems: 1, items: {type: string, enum: [a, b]}}
"""
HEAD = "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: daily, namespace: velero}\nspec:\n"


def problem(spec: str) -> str | None:
    resources = read({"k/s.yaml": HEAD + spec}).manifests.resources
    found = field_problems(resources, definitions_in([Source("crd.yaml", DEFINITION)]))
    value = found["k//Schedule/velero/daily"]
    assert isinstance(value, Known | Absent)
    span = None if isinstance(value, Absent) else getattr(value.origin, "span", None)
    return None if isinstance(value, Absent) else f"{span}: {value.value}"


def test_what_the_definition_allows_is_right() -> None:
    assert problem("  schedule: '@daily'\n  limit: 3\n  free: {a: {b: 1}}\n  owner: null\n  template: {volumes: [a]}\n") is None


def test_a_field_that_it_does_not_have_is_dropped() -> None:
    assert problem("  schedule: '@daily'\n  template:\n    matchLabels: {a: b}\n") == (
        "k/s.yaml:7:5: spec.template.matchLabels is no field, so the API server drops it in silence; the nearest is labelSelector"
    )
    assert problem("  schedule: '@daily'\n  pasued: true\n") == (
        "k/s.yaml:6:3: spec.pasued is no field, so the API server drops it in silence; the nearest is paused"
    )


def test_a_value_that_it_does_not_take_is_refused() -> None:
    assert problem("  schedule: 5\n") == "k/s.yaml:5:13: spec.schedule: 5 is not of type 'string', so the API server refuses the object"
    assert problem("  schedule: '@daily'\n  template: {volumes: [a, c]}\n") == (
        "k/s.yaml:6:23: spec.template.volumes: ['a', 'c'] is too long, so the API server refuses the object; "
        "spec.template.volumes[1]: 'c' is not one of ['a', 'b'], so the API server refuses the object"
    )
    assert problem("  template: {}\n") == ("k/s.yaml:5:3: spec: 'schedule' is a required property, so the API server refuses the object")


def test_words_of_yaml_1_1_are_booleans_without_quotes() -> None:
    assert problem("  schedule: '@daily'\n  paused: yes\n") is None
    assert problem("  schedule: '@daily'\n  paused: 'yes'\n") == (
        "k/s.yaml:6:11: spec.paused: 'yes' is not of type 'boolean', so the API server refuses the object"
    )


def test_nothing_is_said_of_what_is_filled_in_later() -> None:
    assert problem("  schedule: ${WHEN}\n  paused: ${PAUSED}\n  template: {volumes: ['${X}'], labelSelector: '${ALL}'}\n") is None


def test_a_kind_without_a_definition_is_left_to_the_shipped_table() -> None:
    resources = read({"k/s.yaml": HEAD.replace("Schedule", "Backup") + "  x: 1\n"}).manifests.resources
    assert field_problems(resources, definitions_in([Source("crd.yaml", DEFINITION)])) == {}


def test_a_definition_never_brings_in_another_document() -> None:
    named = DEFINITION.replace("schedule: {type: string}", "schedule: {$ref: 'http://127.0.0.1:1/x'}")
    resources = read({"k/s.yaml": HEAD + "  schedule: 5\n"}).manifests.resources
    found = field_problems(resources, definitions_in([Source("crd.yaml", named)]))
    assert isinstance(found["k//Schedule/velero/daily"], Absent)
