"""``kind: Policy``: one policy that a user wrote. Its conditions are checked when it is compiled."""

from __future__ import annotations

from typing import Annotated, Any

from drpolicy.declarations.shapes.scalars import ApiVersion, DateText, Flag, PolicyId, Shape, Text, choice, optional, required, words
from drpolicy.model.estate import SUBJECTS
from drpolicy.model.findings import ANTI_PATTERNS, SEVERITIES

_VERDICTS = ("pass", "fail", "unknown", "not_applicable", "not-applicable")
_SUBJECTS = tuple(SUBJECTS)

_METADATA = {"id": "no-copy-outside-region", "title": "No copy of the data outside its region", "antiPattern": "same-region-backup"}
_SPEC = {
    "subject": "Store",
    "assert": "self.protections.exists(p, p.survives.region)",
    "severity": [{"is": "high"}],
    "message": "{self.name} has no copy outside {self.region}",
}
_EXAMPLE = {"name": "no replica", "expect": "fail", "files": {"main.tf": 'resource "aws_dynamodb_table" "orders" {}'}}

Pattern = Annotated[str, choice(*ANTI_PATTERNS), words(*ANTI_PATTERNS)]
SubjectName = Annotated[str, choice(*_SUBJECTS), words(*_SUBJECTS)]
SeverityName = Annotated[str, choice(*SEVERITIES), words(*SEVERITIES)]
Expected = Annotated[str, choice(*_VERDICTS), words(*_VERDICTS)]


class PolicyMetadata(Shape):
    """What a policy is called."""

    id: PolicyId = required("Name of the defect in kebab-case; reads well after 'ignore'.", "no-copy-outside-region")
    title: Text = required("The defect in a few words.", "No copy of the data outside its region")
    anti_pattern: Pattern = required("The anti-pattern it belongs to.", "same-region-backup")
    guide: list[Text] = optional("Items of the field guide that it proves.", ["antipattern.2"])
    peers: dict[str, list[Text]] = optional("Checks of other tools that it stands beside.", {"checkov": ["CKV_AWS_144"]})
    aliases: list[PolicyId] = optional(
        "Ids that it had, the oldest first: waivers, baselines and settings under them still hold.", ["no-replica-elsewhere"]
    )
    since: Text = optional("Version that it came with.", "0.1")


class SeverityCaseShape(Shape):
    """A severity, and the condition under which it applies."""

    when: Text = optional("CEL condition; without one the severity always applies.", 'self.requiredBy.exists(s, s.tier == "critical")')
    is_: SeverityName = required("The severity.", "high", alias="is")


class PolicySpec(Shape):
    """What a policy asks of its subject."""

    subject: SubjectName = required("What it is evaluated on.", "Store")
    params: dict[str, Any] = optional("Defaults that drpolicy.yaml can override.", {"maxAge": "31d"})
    when: Text = optional("CEL condition for it to apply.", 'self.dataClass == "system-of-record"')
    assert_: Text = required("CEL condition that must hold.", "self.protections.exists(p, p.survives.region)", alias="assert")
    severity: list[SeverityCaseShape] = required("First match wins; unknown counts as matched.", [{"is": "high"}], min_length=1)
    message: Text = required("What a finding says; {self.name} is filled in.", "{self.name} has no copy outside {self.region}")
    locate: list[Text] = optional("Fields to point at, the first one found.", ["region"])
    witness: Annotated[str, choice("observed"), words("observed")] = optional("Judges only what live AWS answered.", "observed")
    calendar: Flag = optional("Whether the verdict depends on the date.", False)


class ExampleShape(Shape):
    """Input files and the verdict that the policy must give."""

    name: Text = required("What the example shows.", "replica in the same region")
    expect: Expected = required("The verdict.", "fail")
    subject: Text = optional("Address of the subject, when there is more than one.", "aws_s3_bucket.media")
    as_of: Text = optional("Date of the evaluation.", "2026-11-01")
    changed: dict[str, DateText] = optional(
        "Day on which a file was last changed, as an audit learns it from git.", {"main.tf": "2026-10-01"}
    )
    shallow: Flag = optional("Whether git has only the newest commits, so that nobody knows when a file was changed.", True)
    files: dict[str, Any] = required("Files by path.", {"main.tf": 'provider "aws" { region = "ap-northeast-2" }'})


class PolicyShape(Shape):
    """One policy: one rule, one id."""

    api_version: ApiVersion = required("Version of the format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("Policy"), words("Policy")] = required("Kind of the document.", "Policy")
    metadata: PolicyMetadata = required("Identity.", _METADATA)
    spec: PolicySpec = required("The rule.", _SPEC)
    why: Text = required("Why it matters.", "When the region is gone, so is every copy in it.")
    remediation: Text = required("The smallest patch first, then its cost.", "backup_retention_period = 14")
    remedies: dict[str, Text] = optional("The patch for one type of subject.", {"aws_db_instance": "backup_retention_period = 14"})
    controls: dict[str, list[Text]] = optional("Outside requirements that it gives evidence for.", {"nist-800-53": ["CP-9"]})
    examples: list[ExampleShape] = optional("At least one per verdict that it can give.", [_EXAMPLE])
