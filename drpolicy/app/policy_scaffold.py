"""``drpolicy policy new``: a policy that is complete and passes its own examples, to be changed into the one that is meant."""

from __future__ import annotations

from pathlib import Path

from drpolicy.declarations.waivers import POLICY_ID
from drpolicy.declarations.wording import quoted

_SCAFFOLD = """\
# yaml-language-server: $schema=https://drpolicy.dev/schemas/v1/policy.schema.json
apiVersion: drpolicy.dev/v1
kind: Policy
metadata:
  id: {id}  # names the defect: it reads well after "ignore"
  title: {title}
  antiPattern: recoverability
spec:
  subject: Resource  # any raw resource; drpolicy policy show of any policy shows other subjects
  when: self.type == "aws_db_instance"
  assert: has(self.attributes.deletion_protection) && self.attributes.deletion_protection == true
  severity:
    - {{is: medium}}
  message: "{{self.name}} can be deleted by mistake"
why: >-
  Say what happens on the bad day when nobody has acted on this.
remediation: |-
  deletion_protection = true
  Say what it costs.
examples:  # one at least for every verdict
  - name: what is meant
    expect: pass
    files:
      main.tf: |
        resource "aws_db_instance" "orders" {{
          deletion_protection = true
        }}
  - name: the defect
    expect: fail
    files:
      main.tf: |
        resource "aws_db_instance" "orders" {{
        }}
  - name: something else
    expect: not_applicable
    files:
      main.tf: |
        resource "aws_sns_topic" "news" {{
        }}
"""


class NotScaffolded(Exception):
    """Nothing was written; the message says why."""


def scaffold(policy: str, directory: Path) -> Path:
    """Write ``policy``.yaml into a directory and return its path. A file that is there is never overwritten. Raises NotScaffolded."""
    if POLICY_ID.fullmatch(policy) is None:
        raise NotScaffolded(f"{quoted(policy)} is not a policy id: write lower-case words with '-' between them, such as replica-too-old")
    path = directory / f"{policy}.yaml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(_SCAFFOLD.format(id=policy, title=policy.replace("-", " ").capitalize()))
    except FileExistsError:
        raise NotScaffolded(f"{path} is there already") from None
    except OSError as problem:
        raise NotScaffolded(f"{path}: {problem.strerror}") from None
    return path
