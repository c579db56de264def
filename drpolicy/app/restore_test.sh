# Restores the newest completed backup of a schedule into a namespace of its own, checks it, records what it measured, cleans up.
# Everything it is told comes through the environment of the container; any other end than a good one makes the job fail.
set -euo pipefail

run="$(date -u +%Y%m%d-%H%M%S)"
restore="$TARGET-$run"
created=0
backup=""
began=""
lost=""
took=""
application=failed
integrity=""

finish() {
  status=$?
  trap - EXIT
  set +e
  outcome=failed
  if [ "$status" -eq 0 ]; then outcome=passed; fi
  record="$(evidence "$outcome")"
  if ! kubectl -n "$VELERO" create configmap "$restore" --from-literal=outcome="$outcome" --from-literal=backup="$backup" \
    --from-literal=evidence.yaml="$record"; then
    echo "the result could not be recorded" >&2
    status=1
  fi
  if [ "$created" -eq 1 ]; then
    kubectl -n "$VELERO" delete restores.velero.io "$restore" --ignore-not-found --timeout=5m || status=1
    kubectl delete namespace "$TARGET" --ignore-not-found --timeout=15m || status=1
  fi
  exit "$status"
}

evidence() {
  echo "apiVersion: drpolicy.dev/v1"
  echo "kind: Evidence"
  echo "metadata: {name: $restore}"
  echo "spec:"
  echo "  service: $SERVICE"
  echo "  kind: restore"
  echo "  date: $(date -u +%Y-%m-%d)"
  echo "  environment: isolated"
  echo "  stores: [\"$STORE\"]"
  echo "  outcome: $1"
  echo "  application: $application"
  if [ -n "$integrity" ]; then echo "  integrity: $integrity"; fi
  if [ -n "$took" ]; then echo "  measured: {rto: ${took}s, rpo: ${lost}s}"; fi
  echo "  recordedBy: {job: \"$CLUSTER/$VELERO/${HOSTNAME:-restore-test}, backup ${backup:-none}\"}"
}

fail() {
  echo "$1" >&2
  exit 1
}

trap finish EXIT
# The first process of a container ignores a signal that it has no trap for.
trap 'exit 143' TERM

# What an earlier run left behind is not what this one restored.
created=1
kubectl delete namespace "$TARGET" --ignore-not-found --timeout=15m

backup="$(kubectl -n "$VELERO" get backups.velero.io -l "velero.io/schedule-name=$SCHEDULE" --sort-by=.status.startTimestamp \
  -o jsonpath='{range .items[?(@.status.phase=="Completed")]}{.metadata.name}{"\n"}{end}' | tail -n 1)"
[ -n "$backup" ] || fail "schedule $SCHEDULE has no completed backup"
taken="$(kubectl -n "$VELERO" get backups.velero.io "$backup" -o jsonpath='{.status.startTimestamp}')"
taken="${taken%Z}"
[ -n "$taken" ] || fail "backup $backup does not say when it was taken"
# A date that cannot be read would end an arithmetic expansion in silence.
taken="$(date -u -d "${taken/T/ }" +%s)"
began="$(date -u +%s)"
lost="$((began - taken))"

# Restored pods reach each other and DNS, and nothing of production.
kubectl create namespace "$TARGET"
kubectl -n "$TARGET" create -f - <<'POLICY'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: isolated}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {}}]
  egress:
    - to: [{podSelector: {}}]
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
POLICY

kubectl create -f - <<RESTORE
apiVersion: velero.io/v1
kind: Restore
metadata:
  name: $restore
  namespace: $VELERO
spec:
  backupName: $backup
  includedNamespaces: [$NAMESPACE]
  namespaceMapping: {$NAMESPACE: $TARGET}
  excludedResources: [cronjobs.batch, jobs.batch, ingresses.networking.k8s.io, httproutes.gateway.networking.k8s.io, networkpolicies.networking.k8s.io]
RESTORE

kubectl -n "$VELERO" wait "restores.velero.io/$restore" --for=jsonpath='{.status.completionTimestamp}' --timeout="$LIMIT"
phase="$(kubectl -n "$VELERO" get restores.velero.io "$restore" -o jsonpath='{.status.phase}')"
[ "$phase" = Completed ] || fail "restore $restore ended as $phase"

for workload in $WORKLOADS; do
  kubectl -n "$TARGET" rollout status "$workload" --timeout="$LIMIT"
done
application=passed

# Every claim that was restored is bound; then the application's own look at its data, where one is given.
kubectl -n "$TARGET" wait persistentvolumeclaims --all --for=jsonpath='{.status.phase}'=Bound --timeout="$LIMIT"
if [ -n "$DATA_CHECK" ]; then
  integrity=failed
  kubectl -n "$TARGET" exec "${WORKLOADS%% *}" -- sh -c "$DATA_CHECK"
  integrity=passed
fi
took="$(($(date -u +%s) - began))"
