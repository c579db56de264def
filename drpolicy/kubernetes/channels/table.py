"""Every channel that Velero's objects come through, besides manifests themselves: what it is known by, and what reads it.

Adding a channel is a module beside this one and a row here.
"""

from __future__ import annotations

from typing import Final

from drpolicy.kubernetes.channels import argo, flux, helmfile, oadp, terraform, values_files
from drpolicy.kubernetes.channels.interface import FileChannel, FileShape, ObjectChannel, ResourceChannel

OBJECTS: Final[dict[tuple[str, str], ObjectChannel]] = {
    ("argoproj.io", "Application"): argo.application,
    ("argoproj.io", "ApplicationSet"): argo.application,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): flux.helm_release,
    ("helm.cattle.io", "HelmChart"): flux.helm_chart,
    ("fluxcd.controlplane.io", "ResourceSet"): flux.resource_set,
    ("oadp.openshift.io", "DataProtectionApplication"): oadp.data_protection,
}
"""By the group and the kind of an object."""

RESOURCES: Final[dict[str, ResourceChannel]] = {
    "helm_release": terraform.helm_release,
    "kubernetes_manifest": terraform.manifest,
    "kubectl_manifest": terraform.yaml_manifest,
}
"""By the type of a Terraform resource."""

FILES: Final[tuple[tuple[FileShape, FileChannel], ...]] = (
    (helmfile.is_helmfile, helmfile.helmfile),
    (values_files.holds_velero, values_files.values_file),
)
"""By the shape of a YAML document that is no object. The first that fits reads it; later rows read what no earlier one has used."""
