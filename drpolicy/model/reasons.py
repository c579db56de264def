"""Why something is not known, and what would settle it: a closed set."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason for an Unknown. ``settle`` completes the sentence "settle it by …"."""

    VARIABLE_NOT_SET = ("variable not set", "pass --var-file or --var, list the var-file in drpolicy.yaml, or give the variable a default")
    MODULE_NOT_ON_DISK = ("module not on disk", "run terraform init so that .terraform/modules holds the module")
    DATA_SOURCE = ("data source", "check a plan (terraform show -json), or write the value where it is used")
    COMPUTED = ("computed by the provider", "confirm it with --live aws, or write the value")
    FUNCTION_NOT_EVALUATED = ("function not evaluated", "write the value, or check a plan (terraform show -json)")
    REFUSED = ("refused by Terraform", "repair the expression, or set the variables it depends on: terraform plan stops there")
    COUNT_NOT_KNOWN = ("count or for_each not known", "set the variables that count or for_each depends on")
    TEMPLATE_PLACEHOLDER = ("template placeholder", "check the rendered output instead of the template, or write the value")
    AMBIGUOUS = ("ambiguous", "make the reference name exactly one of the candidates")
    LIMIT_REACHED = ("limit reached", "split the input, or simplify the expression")
    CYCLE = ("cycle", "break the reference cycle")
    REGION_NOT_WRITTEN = ("region not written", "write region in the provider block; files do not say what AWS_REGION is")
    OUTSIDE_SCOPE = ("outside scope", "say it in drpolicy.yaml (clusters, deployments, scope), or declare it with kind: Protection")
    FILE_UNREADABLE = ("file unreadable", "repair the file named in the diagnostics")
    NO_HISTORY = ("no history", "check out the whole history: fetch-depth: 0 in CI, git fetch --unshallow elsewhere")
    ACCESS_DENIED = ("access denied", "grant the read-only action named in the evidence")
    THROTTLED = ("throttled", "run again later")
    TRUNCATED = ("truncated", "narrow what is asked for")
    REGION_DISABLED = ("region disabled", "enable the region for the account, or take it out of the declaration")
    NOT_OBSERVED = ("not observed", "record a measured restore or failover as Evidence, or confirm with --live aws")
    SENSITIVE = ("sensitive value", "confirm it with --live aws; a plan's sensitive values are never shown or compared")
    POLICY_ERROR = ("policy error", "repair the policy; the diagnostics say where")

    def __init__(self, label: str, settle: str) -> None:
        self.label = label
        self.settle = settle
