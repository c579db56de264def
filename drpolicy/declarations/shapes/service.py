"""``kind: Service``: what a service needs to survive, and where its data is."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import ConfigDict, Discriminator, Tag, model_validator

from drpolicy.declarations.shapes.scalars import (
    ApiVersion,
    DateText,
    DurationText,
    Name,
    Path,
    Shape,
    Text,
    choice,
    optional,
    required,
    words,
    wrong,
)

STRATEGIES: Final = ("backup-restore", "pilot-light", "warm-standby", "active-active")
PERIODS: Final = ("month", "quarter", "year")
DATA_CLASSES: Final = ("system-of-record", "derived", "cache", "ephemeral")


class Metadata(Shape):
    """Identity of a document."""

    name: Name = required("Name; unique among the documents of this kind.", "orders")
    labels: dict[str, Text] = optional("Free labels, such as a domain or a cost centre.", {"domain": "commerce"})


class Objective(Shape):
    """Objectives for one disruption."""

    rto: DurationText = optional("Longest tolerable time until the service works again, with a unit.", "1h", "PT15M")
    rpo: DurationText = optional("Longest tolerable span of lost data, with a unit.", "15m", "0s")

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Objective:
        if not self.model_fields_set:
            raise wrong("the objective is empty; write rto, rpo or both")
        return self


_EXAMPLE = {"rto": "1h", "rpo": "15m"}


class Objectives(Shape):
    """Objectives per disruption."""

    region: Objective = optional("When a whole region is lost.", _EXAMPLE)
    corruption: Objective = optional("When data is deleted or damaged: a bad release, a mistake, ransomware.", {"rto": "4h", "rpo": "1h"})
    hardware: Objective = optional("When a disk or a machine is lost.", {"rto": "15m", "rpo": "0s"})
    az: Objective = optional("When an availability zone is lost.", {"rto": "5m", "rpo": "0s"})
    account: Objective = optional("When the account is compromised or locked.", {"rto": "24h", "rpo": "24h"})
    all: Objective = optional("For every disruption that is not named beside it.", _EXAMPLE)

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _names_a_disruption(self) -> Objectives:
        if not self.model_fields_set:
            raise wrong("no disruption is named; write 'region: {rto: 1h, rpo: 15m}', or 'all:' for every one")
        return self


class Contact(Shape):
    """Who to call, by role: names go stale."""

    role: Text = required("Role, not a personal name.", "incident commander")
    rota: Text = required("Link to the on-call rota that holds the role.", "https://rota.example.com/orders")


class Team(Shape):
    """A team and how to reach it."""

    team: Text = required("Team that answers for the recovery.", "team-orders")
    contacts: list[Contact] = optional("Roles and rotas to call.", [{"role": "primary", "rota": "https://rota.example.com/orders"}])


Owner = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[Team, Tag("<team>")],
    Discriminator(lambda value: "<team>" if isinstance(value, dict) else "<text>"),
]


class Namespace(Shape):
    """The volumes of a namespace."""

    cluster: Text = required("Cluster, as named in drpolicy.yaml or by its directory.", "prod-seoul")
    namespace: Text = required("Namespace whose volumes hold the data.", "production")


class PersonalData(Shape):
    """That a store holds personal data. Without a basis for a transfer, no copy may leave the country."""

    transfer_basis: Text = optional("Why it may be transferred abroad, as the records of processing have it.", "consent, PIPA article 28-8")


class StoreShape(Shape):
    """A store that the service cannot live without."""

    name: Text = optional("What the service calls it.", "orders-db")
    class_: Annotated[str, choice(*DATA_CLASSES), words(*DATA_CLASSES)] = optional(
        "What losing it means: only a system-of-record cannot be rebuilt from something else.", *DATA_CLASSES, alias="class"
    )
    ref: Text = optional(
        "Terraform address, 'deployment//address' where the address alone is not unique, or an ARN. Without an index, or with [*], "
        "every instance.",
        "aws_db_instance.primary",
        "envs/prod//module.db.aws_db_instance.primary",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
    )
    data_location: Annotated[str, choice("any", "country"), words("any", "country")] = optional(
        "'country': no copy of it may leave the country of its region.", "country"
    )
    personal_data: PersonalData = optional("That it holds personal data.", {"transferBasis": "consent, PIPA article 28-8"})
    kubernetes: Namespace = optional("The volumes of a namespace instead.", {"cluster": "prod-seoul", "namespace": "production"})

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["ref"]}, {"required": ["kubernetes"]}]})

    @model_validator(mode="after")
    def _refers_to_one_thing(self) -> StoreShape:
        match len(self.model_fields_set & {"ref", "kubernetes"}):
            case 0:
                raise wrong("the store is not referred to; write 'ref' or 'kubernetes'")
            case 2:
                raise wrong("a store has either 'ref' or 'kubernetes', not both")
        return self


class Regions(Shape):
    """Where the service runs."""

    primary: Text = required("Region it runs in.", "ap-northeast-2")
    dr: list[Text] = optional("Regions it is recovered in.", ["ap-northeast-1"])


class Clusters(Shape):
    """Which clusters the service runs on."""

    primary: Text = required("Cluster it runs on.", "prod-seoul")
    dr: list[Text] = optional("Clusters it is recovered on.", ["prod-tokyo"])


class RunbookShape(Shape):
    """The document that says how the service is recovered."""

    path: Path = required("Path of the runbook in the repository.", "docs/runbooks/orders-failover.md")
    last_reviewed: DateText = optional("Day it was last reviewed.", "2026-09-30")


class DependencyShape(Shape):
    """Another service that this one needs."""

    service: Text = required("Name of the other service.", "payments")
    kind: Annotated[str, choice("hard", "soft"), words("hard", "soft")] = optional(
        "'hard': without it this service does not work; 'soft': it does, with less. Without this field: hard.", "hard", "soft"
    )


class RecoveryTermsShape(Shape):
    """What an RTO holds beside the recovery itself; without it these count as nothing."""

    detection: DurationText = optional("Until somebody, or something, notices.", "5m")
    decision: DurationText = optional("Until it is decided to recover elsewhere.", "15m")
    failback: DurationText = optional("Until it is back where it was; not part of the RTO, and shown beside it.", "4h")


class Cutover(Shape):
    """How users are led to where the service is recovered."""

    records: list[Text] = required("Names of the DNS records that it is reached by.", ["orders.example.com"], min_length=1)


class Testing(Shape):
    """How often recovery must be proven."""

    max_age: DurationText = optional("Oldest acceptable proof that recovery works.", "31d", "13w")
    every: Annotated[str, choice(*PERIODS), words(*PERIODS)] = optional(
        "Calendar period in which a restore has to be on record: the first Sunday of each month is monthly, whatever the gap.", *PERIODS
    )

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _asks_for_something(self) -> Testing:
        if not self.model_fields_set:
            raise wrong("nothing is asked for; write maxAge, every or both, or leave 'testing' out")
        return self


class ServiceSpec(Shape):
    """What is declared of a service."""

    owner: Owner = required("Team or role that answers for the recovery, not a personal name.", "team-orders", {"team": "team-orders"})
    environment: Text = optional("Environment it is declared for.", "production")
    tier: Text = optional("Tier of drpolicy.yaml; it supplies the objectives that are not written here.", "critical")
    objectives: Objectives = optional("RTO and RPO per disruption.", {"region": _EXAMPLE})
    strategy: Annotated[str, choice(*STRATEGIES), words(*STRATEGIES)] = optional("How it is meant to be recovered.", *STRATEGIES)
    regions: Regions = optional("Where it runs and where it is recovered.", {"primary": "ap-northeast-2", "dr": ["ap-northeast-1"]})
    stores: list[StoreShape] = required(
        "Everything that holds its data; an empty list says that nothing does.", [{"ref": "aws_db_instance.primary"}]
    )
    clusters: Clusters = optional("Clusters it runs on and is recovered on.", {"primary": "prod-seoul", "dr": ["prod-tokyo"]})
    runbook: RunbookShape = optional("How it is recovered.", {"path": "docs/runbooks/orders-failover.md", "lastReviewed": "2026-09-30"})
    depends_on: list[DependencyShape] = optional("Services it needs.", [{"service": "payments", "kind": "hard"}])
    recovery: RecoveryTermsShape = optional(
        "What the RTO holds beside the recovery itself; without it, what the tier says.", {"detection": "5m", "decision": "15m"}
    )
    resilience_hub: Text = optional(
        "Policy, application or service of AWS Resilience Hub in Terraform that states its objectives; it supplies those that are not "
        "written here, and has to agree with the others.",
        "aws_resiliencehub_resiliency_policy.critical",
        "envs/prod//aws_resiliencehub_app.orders",
    )
    region_switch: Text = optional(
        "ARC Region switch plan in Terraform that carries it over; it has to agree with what is written here, and supplies the rest.",
        "aws_arcregionswitch_plan.orders",
    )
    cutover: Cutover = optional("How its users are led to the other region.", {"records": ["orders.example.com"]})
    testing: Testing = optional("How fresh the proof that recovery works must be.", {"maxAge": "31d"})


class ServiceShape(Shape):
    """A service: what it needs to survive, and where its data is."""

    api_version: ApiVersion = required("Version of this format.", "drpolicy.dev/v1")
    kind: Annotated[str, choice("Service"), words("Service")] = required("Kind of this document.", "Service")
    metadata: Metadata = required("Identity of the service.", {"name": "orders"})
    spec: ServiceSpec = required(
        "What the service needs to survive.", {"owner": "team-orders", "tier": "critical", "stores": [{"ref": "aws_db_instance.primary"}]}
    )
