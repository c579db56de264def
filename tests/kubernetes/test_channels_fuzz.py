"""No input makes a channel crash: documents of every kind, with any value in the place of any other."""

from __future__ import annotations

import json

from channel_fixtures import read
from hypothesis import given, settings
from hypothesis import strategies as st
from test_channels_charts import ARGO, VALUES, release
from test_channels_kustomize import BASE, FLUX

_DOCUMENTS = {
    "k/release.yaml": release(VALUES),
    "k/app.yaml": ARGO,
    "k/flux.yaml": FLUX.format(bucket="x"),
    "infra/velero/bsl.yaml": BASE,
    "infra/velero/kustomization.yaml": "resources: [bsl.yaml]\npatches: [{patch: '[{op: remove, path: /spec/0}]', target: {kind: B.*}}]\n",
    "h/helmfile.yaml": "releases: [{name: velero, chart: velero, values: [v.yaml, {schedules: {d: {schedule: x, template: {}}}}]}]\n",
    "h/v.yaml": VALUES,
    "d/dpa.yaml": (
        "apiVersion: oadp.openshift.io/v1alpha1\nkind: DataProtectionApplication\nmetadata: {name: d}\n"
        "spec: {configuration: {velero: {defaultPlugins: [csi]}}, backupLocations: [{velero: {}}]}\n"
    ),
}
_ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "${X}", "{{ .x }}", "a\nb: [", "$patch", "velero", "../..", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "velero", "${K}", "$patch", "0"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(sorted(_DOCUMENTS)), word=st.integers(0, 200), odd=_ODD)
def test_any_value_in_the_place_of_any_other(path: str, word: int, odd: object) -> None:
    text = _DOCUMENTS[path]
    words = [at for at in range(len(text)) if text[at - 1 : at] in {" ", "[", "{"} and text[at].isalnum()]
    at = words[word % len(words)]
    end = next((index for index in range(at, len(text)) if not (text[index].isalnum() or text[index] in "./-_")), len(text))
    found = read({**_DOCUMENTS, path: f"{text[:at]}{json.dumps(odd)}{text[end:]}"})
    assert found.manifests is not None


@settings(max_examples=100, deadline=None)
@given(values=st.dictionaries(st.sampled_from(["configuration", "schedules", "extraObjects", "configMaps", "image"]), _ODD))
def test_values_of_any_shape(values: dict[str, object]) -> None:
    text = release(f"{json.dumps(values)}\n").replace("values:\n    ", "values: ")
    names = [each.what for each in read({"k/v.yaml": text}).manifests.not_read]
    assert all(name == "HelmRelease velero" for name in names)
