"""What the files of a tree are, by name alone: nothing is opened."""

from __future__ import annotations

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.sources.problems import Unreadable
from drpolicy.sources.trees import Tree

CONFIG_NAMES = ("drpolicy.yaml", ".drpolicy.yaml")

_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")
_TFVARS = (".tfvars", ".tfvars.json")
_TERRAGRUNT = (".hcl", "terragrunt.hcl.json")
# HCL of other tools: Terraform's own lock file, Packer, Nomad, TFLint, Docker.
_FOREIGN_HCL = deferred(r"(?:^|.*\.)(?:pkr|nomad|tflint|docker-bake|lock|tftest|tfmock|tfquery)\.hcl")
_YAML = (".yaml", ".yml")
_MARKDOWN = (".md", ".markdown")
# JSON that tools of other trades write; none of it describes a cluster or a service.
_FOREIGN_JSON = frozenset(
    {"package.json", "package-lock.json", "composer.json", "tsconfig.json", "renovate.json", "manifest.json", "angular.json", "deno.json"}
)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The paths of a tree by kind, each sorted.

    ``charts`` are the directories of Helm charts. Everything below their ``templates`` is in ``helm_templates`` and in no other list:
    it is not YAML until Helm has rendered it. ``other`` counts the files that are of no kind; ``skipped`` could not be listed.
    """

    terraform: tuple[str, ...] = ()
    tfvars: tuple[str, ...] = ()
    terragrunt: tuple[str, ...] = ()
    yaml: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    markdown: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    helm_templates: tuple[str, ...] = ()
    other: int = 0
    skipped: tuple[Unreadable, ...] = ()


def discover(tree: Tree, under: str = "") -> Discovery:
    """Classify the files of a tree, or of one directory of it."""
    paths = tree.list(under)
    charts = {path.rpartition("/")[0] for path in paths if path.endswith("Chart.yaml") and path.rpartition("/")[2] == "Chart.yaml"}
    found: dict[str, list[str]] = {kind: [] for kind in (*_KINDS, "helm_templates")}
    other = 0
    for path in paths:
        if charts and _is_template(path, charts):
            found["helm_templates"].append(path)
        elif kind := classify(path):
            found[kind].append(path)
        else:
            other += 1
    return Discovery(
        **{kind: tuple(listing) for kind, listing in found.items()}, charts=tuple(sorted(charts)), other=other, skipped=tree.skipped(under)
    )


def _is_template(path: str, charts: set[str]) -> bool:
    at = path.find("templates/")
    while at >= 0:
        if at == 0 or path[at - 1] == "/":
            chart = path[: at - 1] if at else ""
            if chart in charts:
                return True
        at = path.find("templates/", at + 1)
    return False


_KINDS: dict[str, tuple[str, ...]] = {
    "terraform": _TERRAFORM,
    "tfvars": _TFVARS,
    "terragrunt": _TERRAGRUNT,
    "yaml": _YAML,
    "markdown": _MARKDOWN,
    "json": (".json",),
    "configs": (),
}


def classify(path: str) -> str | None:
    """Return the name of the list of ``Discovery`` that a path belongs to, by its name; ``None`` when it belongs to none."""
    name = path.rpartition("/")[2]
    if name in CONFIG_NAMES:
        return "configs"
    kind = next((kind for kind, suffixes in _KINDS.items() if suffixes and name.endswith(suffixes)), None)
    foreign = (kind == "json" and name in _FOREIGN_JSON) or (kind == "terragrunt" and _FOREIGN_HCL.fullmatch(name) is not None)
    return None if foreign else kind


# A word boundary written behind the word: a pattern that begins with a text is searched ten times as fast.
_MANIFEST = deferred(r"""apiVersion(?<!\wapiVersion)["']?\s*+:""")
_KIND = deferred(r"""kind(?<!\wkind)["']?\s*+:""")


def looks_like_manifest(text: str) -> bool:
    """Whether a text may hold a Kubernetes-style document, in YAML or JSON. FALSE is certain, but for escaped or explicit (``?``) keys."""
    return "apiVersion" in text and _MANIFEST.search(text) is not None and _KIND.search(text) is not None
