from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes_fixtures import load, place, plain, why

from drpolicy.kubernetes.restore_tests import RestoreTestFacts, restore_tests
from drpolicy.model.reasons import Reason
from drpolicy.model.values import Known, Value

FACTS = (
    "has_shell", "has_tools", "has_permission", "can_fail", "picks_latest", "waits",
    "asserts_phase", "verifies", "scoped", "cleans_up", "records",
)  # fmt: skip

WEAK = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: dr-restore-test
  namespace: velero
spec:
  schedule: "0 3 * * 0"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: restore-test
              image: velero/velero:latest
              command:
                - /bin/sh
                - -c
                - |
                  # newest backup; kubectl create configmap result would record it
                  LATEST=$(velero backup get -o json | jq -r '.items[0].metadata.name')

                  velero restore create dr-test-$(date +%Y%m%d) \\
                    --from-backup $LATEST \\
                    --namespace-mappings production:dr-test

                  sleep 300
                  kubectl get pods -n dr-test
                  kubectl delete namespace dr-test
          restartPolicy: OnFailure
"""

SOUND = """\
set -euo pipefail
NAME="dr-test-${RANDOM}"
cleanup() {
  kubectl delete namespace dr-test --ignore-not-found
  velero restore delete "$NAME" --confirm || true
}
trap cleanup EXIT
LATEST=$(kubectl get backups -o json | jq -r '[.items[] | select(.status.phase == "Completed")]
  | sort_by(.status.completionTimestamp) | last | .metadata.name')
velero restore create "$NAME" --from-backup "$LATEST" --include-namespaces production --namespace-mappings production:dr-test --wait
kubectl -n velero wait restore/"$NAME" --for=jsonpath='{.status.phase}'=Completed --timeout=30m
kubectl -n dr-test rollout status deployment/web --timeout=10m
kubectl -n dr-test exec deploy/web -- psql -c 'select count(*) from orders'
kubectl -n velero create configmap "result-$NAME" --from-literal=seconds="$SECONDS"
"""

BINDING = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n"
    "subjects: [{kind: ServiceAccount, name: tester, namespace: velero}]\nroleRef: {kind: ClusterRole, name: r}\n"
)

MANIFEST = """\
set -e
kubectl create -f - <<EOF
apiVersion: velero.io/v1
kind: Restore
metadata: {name: drill}
spec:
  scheduleName: daily
  includedNamespaces: [shop]
EOF
until [ "$(kubectl get restore drill -o jsonpath={.status.phase})" = Completed ]; do sleep 10; done
"""


def job(
    script: str, *, image: str = "example.com/tools:1", pod: str = "serviceAccountName: tester", spec: str = "", container: str = ""
) -> str:
    return (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: t, namespace: velero}\nspec:\n  schedule: '@weekly'\n"
        "  jobTemplate:\n    spec:\n"
        f"      {spec or 'backoffLimit: 0'}\n      template:\n        spec:\n          {pod}\n          containers:\n"
        f"            - name: c\n              image: {image}\n"
        f"              {container or 'tty: false'}\n              command: [bash, -c]\n"
        f"              args:\n                - |\n{textwrap.indent(script, ' ' * 18)}"
    )


def facts(text: str, *more: str) -> RestoreTestFacts:
    (found,) = restore_tests(load({f"k8s/{number}.yaml": each for number, each in enumerate((text, *more))}).resources)
    return found


def fact(name: str, script: str, **options: str) -> Value[bool]:
    found: Value[bool] = getattr(facts(job(script, **options)), name)
    return found


def test_a_job_that_proves_nothing() -> None:
    found = facts(WEAK)
    assert {name: plain(getattr(found, name)) for name in FACTS} == {name: name == "cleans_up" for name in FACTS}
    assert list(found.missing_tools) == ["velero", "jq", "date", "sleep", "kubectl"]
    assert found.missing_tools.certain
    assert {name: place(getattr(found, name)) for name in FACTS} == {
        "has_shell": "14:22 velero/velero:latest",
        "has_tools": "14:22 velero/velero:latest",
        "has_permission": "4:9 dr-restore-test",
        "can_fail": "28:19 kubectl delete namespace dr-test",
        "picks_latest": "20:63 .items[0]",
        "waits": "26:19 sleep 300",
        "asserts_phase": "22:19 velero restore create",
        "verifies": "27:19 kubectl get pods -n dr-test",
        "scoped": "24:42 production:dr-test",
        "cleans_up": "28:19 kubectl delete namespace dr-test",
        "records": "22:19 velero restore create",
    }
    assert why(found.can_fail) == "without set -e the exit status is that of the last command, `kubectl delete namespace dr-test`"
    assert why(found.waits) == "`sleep 300` waits for a fixed time, not for the restore to end"
    assert why(found.scoped) == "without --include-namespaces everything in the backup is restored in place"
    assert why(found.has_permission) == "no serviceAccountName: the default service account of velero may not create restores"
    assert (plain(found.expression), plain(found.suspended), plain(found.image)) == ("0 3 * * 0", False, "velero/velero:latest")


def test_a_job_that_proves_everything_it_can() -> None:
    found = facts(job(SOUND, image="bitnami/kubectl:1.33"), BINDING)
    assert {name: plain(getattr(found, name)) for name in FACTS} == {name: name != "has_tools" for name in FACTS}
    # That image is known not to hold velero; psql runs in the restored pod.
    assert list(found.missing_tools) == ["velero"]
    assert place(found.picks_latest) == "27:23 sort_by(.status.completionTimestamp) | last"
    assert place(found.waits) == "28:145 --wait"
    assert place(found.scoped) == "28:94 production"
    assert place(found.cleans_up) == "25:19 trap cleanup EXIT"
    assert place(found.can_fail).startswith("29:19 kubectl -n velero wait restore/")
    assert place(found.verifies) == "30:19 kubectl -n dr-test rollout status deployment/web --timeout=10m"
    assert place(found.records).startswith('32:19 kubectl -n velero create configmap "result-$NAME"')


def test_an_unknown_image_is_unknown() -> None:
    found = facts(job(SOUND))
    assert plain(found.has_shell) is Reason.OUTSIDE_SCOPE
    assert plain(found.has_tools) is Reason.OUTSIDE_SCOPE
    assert not found.missing_tools.certain
    assert place(found.has_shell) == "14:22 example.com/tools:1"


def test_a_restore_manifest_in_the_script() -> None:
    found = facts(job(MANIFEST))
    assert place(found.picks_latest) == "25:21 scheduleName: daily"
    assert place(found.scoped) == "26:21 includedNamespaces: [shop]"
    assert plain(found.waits) is True
    assert plain(found.asserts_phase) is True
    assert plain(found.can_fail) is False
    assert why(found.can_fail) == "the until loop never ends when it does not come true"
    assert plain(fact("can_fail", MANIFEST, spec="activeDeadlineSeconds: 600")) is True


CREATE = "velero restore create t-$(date +%s) --from-schedule daily --include-namespaces shop --namespace-mappings shop:t"


@pytest.mark.parametrize(
    ("name", "script", "value"),
    [
        ("picks_latest", "velero restore create t --from-backup fixed", False),
        ("picks_latest", 'velero restore create t --from-backup "$1"', Reason.NOT_OBSERVED),
        (
            "picks_latest",
            "B=$(kubectl get backup --sort-by=.metadata.creationTimestamp -o name | tail -n 1)\nvelero restore create t --from-backup $B",
            True,
        ),
        (
            "picks_latest",
            "B=$(kubectl get backup --sort-by=.metadata.creationTimestamp -o name | head -1)\nvelero restore create t --from-backup $B",
            False,
        ),
        ("picks_latest", "velero restore create t --from-backup $(velero backup get | awk 'NR==2{print $1}')", Reason.NOT_OBSERVED),
        ("picks_latest", "velero restore create t", False),
        ("waits", CREATE, False),
        ("waits", f"{CREATE} --wait=false", False),
        ("waits", f"{CREATE}\nwhile velero restore get t | grep -q InProgress; do sleep 5; done", True),
        ("waits", f"{CREATE}\n./wait-for-it", Reason.NOT_OBSERVED),
        ("asserts_phase", f"{CREATE} --wait\nvelero restore describe t | grep -q Completed || exit 1\necho ok", True),
        ("asserts_phase", f"{CREATE} --wait\nvelero restore describe t | grep Completed\necho ok", False),
        ("asserts_phase", f'{CREATE}\nP=$(kubectl get restore t)\nif [ "$P" != "Completed" ]; then\n  exit 1\nfi\necho ok', True),
        ("asserts_phase", f'{CREATE}\ncase "$(phase)" in Completed) ;; *) exit 1;; esac\necho', True),
        ("asserts_phase", f'{CREATE}\nP=$(kubectl get backup b)\n[ "$P" = Completed ] || exit 1', False),
        ("can_fail", f"set -e\n{CREATE} --wait", False),
        ("can_fail", f"set -e\n{CREATE} --wait\nkubectl rollout status deploy/x || true", False),
        ("can_fail", f"{CREATE} --wait && kubectl rollout status deploy/x", True),
        ("can_fail", f"{CREATE}\npython3 /check.py", Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\ncurl -s http://web", False),
        ("verifies", f"{CREATE}\ncurl -fsS http://web", Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\ncurl -fsS http://web.t:8080/health", True),
        ("verifies", f"{CREATE}\ncurl -fsSo /dev/null -H 'Accept: */*' http://web.t.svc.cluster.local/health", True),
        ("verifies", f"{CREATE}\ncurl -fsS http://web.shop.svc/health", False),
        ("verifies", f"{CREATE}\ncurl -fsS https://hooks.slack.com/services/T0/B0", False),
        ("verifies", f"{CREATE}\ncurl -fsS -XPOST -d ok http://web.t.svc", False),
        ("verifies", f"{CREATE}\ncurl -fsS https://shop-dr.example.com/health", Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\nHOOK=https://hooks.slack.com/x\ncurl -fsS $HOOK", False),
        ("verifies", f"{CREATE}\nwget -qO- https://hc-ping.com/abc", False),
        ("verifies", f"{CREATE}\nwget -q -O /dev/null http://web.t.svc", True),
        ("verifies", f"{CREATE}\nwget --post-data=ok http://web.t.svc", False),
        ("verifies", f'{CREATE}\nwget -q "$URL"', Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\nkubectl -n t port-forward svc/web 8080:80 &\ncurl -f http://localhost:8080", True),
        ("verifies", f"{CREATE}\nkubectl -n shop port-forward svc/web 8080:80 &\ncurl -f http://localhost:8080", False),
        ("verifies", f"{CREATE}\ncurl -f http://localhost:8080", Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- true", False),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- ls /data", False),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- sh -c 'echo ok; ls'", False),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- ls /data | grep -q orders", True),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- sh -c 'echo ok | psql'", True),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- curl -f localhost:8080", True),
        ("verifies", f"{CREATE}\nkubectl -n t exec deploy/web -- $CHECK", Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\nkubectl -n shop exec deploy/web -- /app/verify", False),
        ("verifies", f"{CREATE}\nkubectl run x --rm -i --image=busybox -- wget -qO- http://web.t", True),
        ("verifies", f"{CREATE}\nkubectl -n velero rollout status deploy/velero", False),
        ("can_fail", f"set -e\n{CREATE} --wait\ncurl -fsS https://hooks.slack.com/x", False),
        ("can_fail", f'set -e\n{CREATE} --wait\ncurl -fsS "$URL"', Reason.NOT_OBSERVED),
        ("verifies", f"{CREATE}\nkubectl rollout status deploy/x || true", False),
        ("verifies", f'{CREATE}\n[ "$(kubectl get pods -n t -o name | wc -l)" -gt 0 ]', True),
        ("verifies", f"kubectl rollout status deploy/velero\n{CREATE}", False),
        ("scoped", "velero restore create t --from-schedule d", False),
        ("scoped", "velero restore create t --from-schedule d --include-namespaces '*'", False),
        ("scoped", "velero restore create t --from-schedule d --selector app=x", Reason.NOT_OBSERVED),
        ("cleans_up", CREATE, False),
        ("cleans_up", f"set -e\n{CREATE}\nkubectl delete ns t", False),
        ("cleans_up", f"{CREATE} && kubectl delete ns t", False),
        ("cleans_up", f"trap 'kubectl delete ns t' EXIT\n{CREATE}", True),
        ("cleans_up", f"trap 'kubectl delete pod tmp -n velero' EXIT\n{CREATE}", False),
        ("cleans_up", f"trap 'kubectl delete ns shop' EXIT\n{CREATE}", False),
        ("cleans_up", f"trap 'kubectl delete ns $OTHER' EXIT\n{CREATE}", Reason.NOT_OBSERVED),
        ("cleans_up", f"trap 'kubectl -n t delete all --all' EXIT\n{CREATE}", True),
        ("cleans_up", f"trap 'kubectl delete namespace/t' EXIT\n{CREATE}", True),
        ("cleans_up", f"NS=t\ntrap 'kubectl delete ns $NS' EXIT\n{CREATE}", True),
        ("records", f"{CREATE}\nkubectl annotate deployment web checked-at=$(date) -n t", False),
        ("records", f"{CREATE}\nkubectl label namespace x team=shop", False),
        ("records", f"{CREATE}\nkubectl label namespace x note=$NOTE", Reason.NOT_OBSERVED),
        ("records", f"{CREATE}\nkubectl -n velero annotate restore/t-1 result=passed", True),
        ("records", f"{CREATE}\nkubectl -n velero annotate backup b restored-at=$(date -Is)", True),
        ("records", f"{CREATE}\nkubectl label namespace t result=passed\nkubectl delete namespace t", False),
        ("records", f"{CREATE}\naws s3 cp result.json s3://drills/", True),
        ("records", f"{CREATE}\ndate > /tmp/result", False),
        ("records", f"{CREATE}\ncurl -d ok https://hooks.example.com/x", Reason.NOT_OBSERVED),
        ("records", f"{CREATE}\ndrpolicy evidence record --kind restore", True),
        ("records", f"# aws s3 cp x s3://y\n{CREATE}", False),
    ],
)
def test_single_facts(name: str, script: str, value: object) -> None:
    assert plain(fact(name, script + "\n")) is value


def test_a_literal_environment_variable_is_a_fixed_backup() -> None:
    found = fact("picks_latest", "velero restore create t --from-backup $BACKUP\n", container="env: [{name: BACKUP, value: daily-1}]")
    assert plain(found) is False
    assert why(found) == "BACKUP is always the backup 'daily-1'"


def test_files_on_a_claim_are_kept() -> None:
    script = f"{CREATE}\ndate | tee /results/last\n"
    mount = "volumeMounts: [{name: r, mountPath: /results}]"
    claim = "volumes: [{name: r, persistentVolumeClaim: {claimName: results}}]"
    assert plain(fact("records", script, container=mount, pod=claim)) is True
    assert plain(fact("records", script, container=mount, pod="volumes: [{name: r, emptyDir: {}}]")) is False


def test_a_default_service_account_with_a_role() -> None:
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: velero}\n"
        "subjects: [{kind: ServiceAccount, name: default, namespace: velero}]\nroleRef: {kind: Role, name: r}\n"
    )
    found = facts(job(f"{CREATE}\n", pod="restartPolicy: Never"), binding).has_permission
    assert (plain(found), why(found)) == (True, "RoleBinding b gives the default service account a role")


def test_a_service_account_of_its_own_is_permitted_by_a_binding_in_the_files() -> None:
    found = facts(job(f"{CREATE}\n"), BINDING).has_permission
    assert (plain(found), why(found)) == (True, "ClusterRoleBinding b gives service account tester a role")
    group = BINDING.replace(
        "{kind: ServiceAccount, name: tester, namespace: velero}", "{kind: Group, name: 'system:serviceaccounts:velero'}"
    )
    assert plain(facts(job(f"{CREATE}\n"), group).has_permission) is True


@pytest.mark.parametrize(
    "other", ["", BINDING.replace("name: tester", "name: other"), BINDING.replace("namespace: velero", "namespace: x")]
)
def test_without_a_binding_in_the_files_the_permission_is_not_known(other: str) -> None:
    found = facts(job(f"{CREATE}\n"), *([other] if other else [])).has_permission
    assert plain(found) is Reason.OUTSIDE_SCOPE
    assert (place(found), why(found)) == (
        "11:31 tester",
        "no binding in the files gives service account tester of velero a role",
    )


def test_the_default_service_account_by_name() -> None:
    found = fact("has_permission", f"{CREATE}\n", pod="serviceAccountName: default")
    assert (plain(found), place(found)) == (False, "11:31 default")
    assert why(found) == "serviceAccountName: default: the default service account of velero may not create restores"


APPLY = MANIFEST.replace("kubectl create", "kubectl apply")
STALE = "the restore of this name exists already after the first run"


@pytest.mark.parametrize(
    ("script", "value"),
    [
        (APPLY, False),
        (APPLY.replace("set -e\n", "set -e\nkubectl delete restore drill --ignore-not-found\n"), True),
        (APPLY.replace("set -e\n", "set -e\nvelero restore delete --all --confirm\n"), True),
        (APPLY.replace("set -e\n", "set -e\ntrap 'kubectl delete restore drill' EXIT\n"), True),
        (APPLY.replace("set -e\n", "set -e\nkubectl delete restore other\n"), False),
        (APPLY.replace("set -e\n", 'set -e\nkubectl delete restore "$OLD"\n'), Reason.NOT_OBSERVED),
        (APPLY.replace("set -e\n", "set -e\nkubectl delete -f old.yaml\n"), Reason.NOT_OBSERVED),
        (APPLY.replace("set -e\n", "set -e\n./prepare\n"), Reason.NOT_OBSERVED),
        (APPLY.replace("{name: drill}", "{name: drill-$(date +%s)}"), True),
        (APPLY.replace("{name: drill}", "{generateName: drill-}"), True),
        (APPLY.replace("{name: drill}", "{name: $NAME}").replace("set -e\n", "set -e\nNAME=drill-$RANDOM\n"), True),
        (APPLY.replace("{name: drill}", "{name: $NAME}").replace("set -e\n", "set -e\nNAME=drill\n"), False),
        (APPLY.replace("kubectl apply", "kubectl replace --force"), True),
        (MANIFEST, True),
        (MANIFEST.replace("set -e\n", ""), True),
    ],
)
def test_a_restore_of_a_fixed_name_is_made_once(script: str, value: object) -> None:
    found = facts(job(script))
    assert (plain(found.waits), plain(found.asserts_phase)) == (value, value)
    if value is False:
        assert {why(found.waits), why(found.asserts_phase)} == {STALE}
        assert place(found.waits).endswith("kubectl apply")


def test_a_job_that_runs_once_finds_no_restore_of_an_earlier_run() -> None:
    once = job(APPLY).replace("CronJob", "Job").replace("  schedule: '@weekly'\n  jobTemplate:\n    spec:\n", "")
    assert plain(facts(once).waits) is True


def annotated(tools: str) -> str:
    marked = f"template:\n        metadata: {{annotations: {{drpolicy.dev/image-tools: '{tools}'}}}}\n"
    return job(SOUND).replace("template:\n", marked, 1)


def test_an_image_whose_tools_are_attested() -> None:
    found = facts(annotated("bash, velero, kubectl, jq"))
    assert (plain(found.has_shell), plain(found.has_tools), list(found.missing_tools)) == (True, True, [])
    assert why(found.has_tools) == "the annotation drpolicy.dev/image-tools names what it holds"
    found = facts(annotated("sh, velero, kubectl"))
    assert (plain(found.has_shell), plain(found.has_tools), list(found.missing_tools)) == (False, False, ["jq"])


def test_the_tools_of_an_image_may_be_attested_on_the_job() -> None:
    text = job(SOUND).replace(
        "{name: t, namespace: velero}", "{name: t, namespace: velero, annotations: {drpolicy.dev/image-tools: '${T}'}}"
    )
    assert plain(facts(text).has_tools) is Reason.OUTSIDE_SCOPE
    assert plain(facts(text.replace("${T}", "bash velero kubectl jq")).has_tools) is True


@pytest.mark.parametrize(("mapping", "kind", "cluster", "count"), [
    ("", "Job", "dr", 0),
    (" --namespace-mappings shop:t", "Job", "dr", 1),
    ("", "CronJob", "dr", 1),
    ("", "Job", "other", 1),
])  # fmt: skip
def test_a_failover_job_on_a_dr_cluster_is_no_test(mapping: str, kind: str, cluster: str, count: int) -> None:
    script = f"velero restore create t --from-schedule daily --include-namespaces shop{mapping}\n"
    text = job(script)
    if kind == "Job":
        text = text.replace("CronJob", "Job").replace("  schedule: '@weekly'\n  jobTemplate:\n    spec:\n", "")
    resources = load({"clusters/dr/a.yaml": text}).resources
    standby = {resources[0].deployment} if cluster == "dr" else {"another"}
    assert len(restore_tests(resources, standby)) == count


def test_a_script_of_a_mounted_config_map() -> None:
    text = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: t, namespace: velero}\nspec:\n  template:\n    spec:\n"
        "      volumes: [{name: s, configMap: {name: scripts}}]\n      containers:\n      - name: c\n        image: x\n"
        "        command: [/scripts/test.sh]\n        volumeMounts: [{name: s, mountPath: /scripts}]\n"
    )
    script = f"#!/bin/bash -e\n{CREATE}\nkubectl rollout status deploy/x\necho done\n"
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: scripts, namespace: velero}\ndata:\n  test.sh: |\n"
    config += textwrap.indent(script, "    ")
    found = facts(text, config)
    assert found.resource.name == "t"
    assert plain(found.can_fail) is True
    assert place(found.can_fail) == "8:5 kubectl rollout status deploy/x"
    assert plain(found.expression) is None


def test_a_program_without_a_shell() -> None:
    text = (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: t, namespace: velero}\nspec:\n  schedule: '@daily'\n  jobTemplate:\n"
        "    spec:\n      template:\n        spec:\n          containers:\n          - name: c\n            image: velero/velero:v1.17.1\n"
        "            command: [/velero, restore, create, --from-schedule, daily]\n            args: ['--wait']\n"
    )
    found = facts(text)
    assert plain(found.has_shell) is True
    assert plain(found.has_tools) is True
    assert plain(found.picks_latest) is True
    assert place(found.waits) == "14:21 --wait"
    assert plain(found.can_fail) is False


def test_placeholders_in_a_script_are_variables_of_the_shell() -> None:
    found = facts(job("NAME=x\nvelero restore create ${NAME} --from-backup {{ .Values.backup }} --wait\n"))
    assert place(found.waits) == "20:84 --wait"
    assert plain(found.picks_latest) is Reason.NOT_OBSERVED


def test_other_jobs_are_no_restore_tests() -> None:
    text = job("velero backup create x\n# velero restore create y\necho 'velero restore create z'\n")
    assert restore_tests(load({"k8s/a.yaml": text}).resources) == ()


def test_a_script_over_the_limit_gives_no_facts() -> None:
    found = fact("can_fail", f"{CREATE}\n" + "true\n" * 1000)
    assert plain(found) is Reason.LIMIT_REACHED


@given(st.text(alphabet="abc \n\"'$(){}|&;<>\\#`=", max_size=60))
def test_any_script_around_a_restore_gives_facts_with_places(noise: str) -> None:
    script = f"{CREATE}\n{noise}\n"
    for found in restore_tests(load({"k8s/a.yaml": job(script)}).resources):
        for name in FACTS:
            value = getattr(found, name)
            place(value)
            assert not isinstance(value, Known) or isinstance(value.value, bool)
