"""``kind: Config`` (``drpolicy.yaml``) and ``kind: WaiverRegister``. Paths are relative to ``drpolicy.yaml``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Tag, model_validator

from drpolicy.declarations.shapes.scalars import (
    ApiVersion,
    DateText,
    DurationText,
    Flag,
    Path,
    PolicyId,
    Shape,
    Text,
    Url,
    choice,
    optional,
    required,
    words,
    wrong,
)
from drpolicy.declarations.shapes.service import Objectives, RecoveryTermsShape, Testing
from drpolicy.model.findings import SEVERITIES
from drpolicy.model.stores import DISRUPTIONS

SeverityName = Annotated[str, choice(*SEVERITIES), words(*SEVERITIES)]

_POLICY = "no-copy-outside-region"
_WAIVER = {
    "policy": _POLICY,
    "subject": "aws_s3_bucket.media",
    "reason": "rebuilt from the origin",
    "until": "2027-03-31",
    "owner": "team-media",
}
_CLUSTER = {"name": "prod-tokyo", "region": "ap-northeast-1", "role": "dr", "paths": ["kubernetes/dr/**"]}
_OBJECTIVES = {"region": {"rto": "1h", "rpo": "15m"}}


class DeploymentShape(Shape):
    """A Terraform root with one set of inputs. The same root may be listed once per set."""

    path: Path = required("Directory of the Terraform root.", "envs/prod")
    name: Text = optional("Name of the deployment; without it, its path.", "prod")
    environment: Text = optional("Environment it belongs to.", "production")
    account: Text = optional("Account it deploys to, in quotes.", "123456789012")
    var_files: list[Path] = optional("Var-files, in the order Terraform is given them.", ["envs/prod.tfvars"])
    plan: Path = optional("Plan to judge instead of the HCL alone, as terraform show -json prints it.", "envs/prod/plan.json")
    state: Path = optional("State to judge instead of the HCL alone: terraform show -json, or a terraform.tfstate.", "envs/prod/state.json")


class EnvironmentShape(Shape):
    """An environment."""

    production: Flag = required("Whether real users depend on it; findings elsewhere are advice.", True)


class ClusterShape(Shape):
    """A Kubernetes cluster: the manifests that are applied to it."""

    name: Text = required("Name of the cluster.", "prod-tokyo")
    region: Text = required("Region it runs in.", "ap-northeast-1")
    role: Annotated[str, choice("primary", "dr"), words("primary", "dr")] = required("Whether it serves, or stands by.", "primary", "dr")
    paths: list[Path] = required("Globs of its manifests.", ["kubernetes/dr/**"], min_length=1)
    deployment: Text = optional("Deployment that makes the cluster.", "prod")


class TierShape(Shape):
    """What a tier demands."""

    objectives: Objectives = optional("Objectives of services of this tier that do not write their own.", _OBJECTIVES)
    resilience_hub: Text = optional(
        "Policy of AWS Resilience Hub in Terraform that states the objectives which are not written here.",
        "aws_resiliencehub_resiliency_policy.critical",
    )
    recovery: RecoveryTermsShape = optional("What an RTO holds beside the recovery itself.", {"detection": "5m", "decision": "15m"})
    testing: Testing = optional("How fresh the proof that recovery works must be.", {"maxAge": "31d"})

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["objectives"]}, {"required": ["resilienceHub"]}]})

    @model_validator(mode="after")
    def _states_objectives(self) -> TierShape:
        if not {"objectives", "resilience_hub"} & self.model_fields_set:
            raise wrong("the tier states no objectives; write 'objectives: {region: {rto: 1h, rpo: 15m}}' or 'resilienceHub:'")
        return self


class SelectorShape(Shape):
    """Which subjects an override is for. Of each kind that is given, one must select the subject."""

    paths: list[Path] = optional("Globs of the files, or of the Terraform roots, that make the subject.", ["envs/dev/**"], min_length=1)
    deployments: list[Text] = optional("Names of deployments or clusters; * is any text.", ["envs/dev", "sandbox-*"], min_length=1)
    services: list[Text] = optional(
        "Names of services; * is any text. What another service needs, too, is not selected.", ["reporting"], min_length=1
    )

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _selects(self) -> SelectorShape:
        if not self.model_fields_set:
            raise wrong("nothing is selected; write 'paths:', 'deployments:' or 'services:'")
        return self


class OverrideShape(Shape):
    """What holds of policies for some subjects only; a later entry wins over an earlier one."""

    for_: SelectorShape = required("The subjects.", {"paths": ["envs/dev/**"]}, alias="for")
    disable: list[PolicyId] = optional("Ids of policies that do not apply to them; the report says so.", [_POLICY])
    params: dict[str, dict[str, Any]] = optional("Parameters per policy id.", {"backup-retention-too-short": {"minimum": "7d"}})
    severity: dict[str, SeverityName] = optional("Severity per policy id.", {_POLICY: "low"})


class PoliciesShape(Shape):
    """Which policies apply, and how."""

    directories: list[Path] = optional("Directories of policies of your own.", ["policies"])
    disable: list[PolicyId] = optional("Ids of policies that are not evaluated; the report lists them.", [_POLICY])
    params: dict[str, dict[str, Any]] = optional("Parameters per policy id.", {"backup-not-tested": {"maxAge": "31d"}})
    severity: dict[str, SeverityName] = optional("Severity per policy id.", {_POLICY: "high"})
    overrides: list[OverrideShape] = optional(
        "What holds for some paths, deployments or services only.", [{"for": {"paths": ["envs/dev/**"]}, "disable": [_POLICY]}]
    )


class ScopeShape(Shape):
    """What is judged, and what is known to be managed outside it."""

    elsewhere: list[Text] = optional(
        "Kinds of protection that other repositories manage: a store without one is UNKNOWN, not a FAIL.",
        ["aws-backup", "velero", "dlm", "replication"],
    )
    include: list[Path] = optional("Globs of what is read; without it, everything.", ["infra/**"])
    exclude: list[Path] = optional("Globs of what is not read.", ["**/testdata/**"])
    context_max_age: DurationText = optional("How old an export given with --context may be; without it, 31 days.", "31d")


class WaiverShape(Shape):
    """A dated, owned, reasoned acceptance of findings."""

    policy: PolicyId = required("Id of the policy; no wildcard.", _POLICY)
    subject: Text = required(
        "Address of the subject, or a pattern of addresses: * is any text, ? any character.",
        "aws_s3_bucket.media",
        "envs/dev//*",
        "module.orders[*].aws_db_instance.this",
    )
    reason: Text = required("Why the finding is accepted.", "rebuilt from the origin within an hour")
    until: DateText = required("Last day on which it is accepted.", "2027-03-31")
    owner: Text = required("Team or role that answers for it.", "team-media")
    approver: Text = optional("Role that approved it; needed for high and critical findings.", "head of operations")
    ticket: Text = optional("Where it was decided; needed for high and critical findings.", "OPS-4711")


Waivers = list[
    Annotated[
        Annotated[Path, Tag("<register>")] | Annotated[WaiverShape, Tag("<waiver>")],
        Discriminator(lambda value: "<waiver>" if isinstance(value, dict) else "<register>"),
    ]
]


class DefaultsShape(Shape):
    """What holds where nothing else is said."""

    region: Text = optional("Region of providers that name none, such as one set by AWS_REGION.", "ap-northeast-2")


LabelDisruption = Annotated[str, choice(*DISRUPTIONS, "all"), words(*DISRUPTIONS, "all")]
_OF_WHICH = "Disruption that an RTO or RPO among them speaks of; without it they are compared, and not taken as objectives."


class TagsShape(Shape):
    """Tags of AWS resources that say what a service declares, too; the first one that a resource has counts."""

    owner: list[Text] = optional("Tags that name the team.", ["Team"])
    tier: list[Text] = optional("Tags that name the tier.", ["Criticality"])
    rto: list[Text] = optional("Tags that hold an RTO, with a unit.", ["RTO"])
    rpo: list[Text] = optional("Tags that hold an RPO, with a unit.", ["RPO"])
    disruption: LabelDisruption = optional(_OF_WHICH, "region", "all")


class AnnotationsShape(Shape):
    """Annotations, else labels, of Kubernetes namespaces and workloads that do so; the first one that an object has counts."""

    owner: list[Text] = optional("Those that name the team.", ["example.com/owner"])
    tier: list[Text] = optional("Those that name the tier.", ["example.com/dr-tier"])
    rto: list[Text] = optional("Those that hold an RTO, with a unit.", ["example.com/rto"])
    rpo: list[Text] = optional("Those that hold an RPO, with a unit.", ["example.com/rpo"])
    disruption: LabelDisruption = optional(_OF_WHICH, "region", "all")


class LiveShape(Shape):
    """Live confirmation (--live aws)."""

    endpoint_url: Url = optional("Endpoint that is asked instead of AWS.", "http://127.0.0.1:5000")
    regions: list[Text] = optional("Regions that are asked; without it, those of the files.", ["ap-northeast-2", "ap-northeast-1"])


class ConfigShape(Shape):
    """Configuration of drpolicy for one repository."""

    api_version: ApiVersion = required("Version of this format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("Config"), words("Config")] = required("Kind of this document.", "Config")
    deployments: list[DeploymentShape] = optional("Terraform roots and their inputs.", [{"path": "envs/prod", "environment": "production"}])
    environments: dict[str, EnvironmentShape] = optional(
        "Environments by name.", {"production": {"production": True}, "dev": {"production": False}}
    )
    clusters: list[ClusterShape] = optional("Kubernetes clusters and the manifests that are applied to them.", [_CLUSTER])
    tiers: dict[str, TierShape] = optional("Tiers by name.", {"critical": {"objectives": _OBJECTIVES}})
    policies: PoliciesShape = optional("Policies of your own, disabled ones, parameters and severities.", {"disable": [_POLICY]})
    scope: ScopeShape = optional("What is judged.", {"elsewhere": ["aws-backup"]})
    waivers: Waivers = optional("Waivers, or paths of waiver registers.", ["waivers.yaml"], [_WAIVER])
    waiver_limits: dict[SeverityName, DurationText] = optional(
        "How far ahead the last day of a waiver may lie, by the severity of what it waives.", {"critical": "30d", "high": "90d"}
    )
    recovery_times: dict[Text, DurationText] = optional(
        "How long a recovery takes here at least, by mechanism (drpolicy catalog show); a measured drill replaces it.",
        {"backup-plan": "45m", "rds-automated-backups": "30m"},
    )
    baseline: Path = optional("File of the baseline; without it, .drpolicy-baseline.json beside this file.", "ci/baseline.json")
    defaults: DefaultsShape = optional("Values for what the files leave open.", {"region": "ap-northeast-2"})
    tags: TagsShape = optional(
        "Tags that have to agree with the declarations, and supply what these leave out.", {"tier": ["Criticality"], "owner": ["Team"]}
    )
    annotations: AnnotationsShape = optional("Annotations that do so.", {"tier": ["example.com/dr-tier"], "rto": ["example.com/rto"]})
    live: LiveShape = optional("Live confirmation.", {"regions": ["ap-northeast-2"]})


class WaiverRegisterShape(Shape):
    """A register of waivers, in a file of its own so that other people can own it."""

    api_version: ApiVersion = required("Version of this format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("WaiverRegister"), words("WaiverRegister")] = required("Kind of this document.", "WaiverRegister")
    waivers: list[WaiverShape] = required("The waivers.", [_WAIVER])
