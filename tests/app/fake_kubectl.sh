#!/usr/bin/env bash
# Answers as kubectl would where everything goes well, but for the call that matches $FAILING; every call is logged.
printf '%s\n' "kubectl $*" >>"$LOG"
case "$*" in
  *"create -f -"*) cat >>"$LOG.objects" ;;
esac
if [ -n "${FAILING:-}" ] && [[ "$*" =~ $FAILING ]]; then
  echo "error: as asked" >&2
  exit 1
fi
case "$*" in
  *"get backups.velero.io -l"*) printf '%b' "${BACKUPS-daily-1\ndaily-2\n}" ;;
  *"get backups.velero.io "*) printf '%s' "${STARTED-2026-11-01T02:50:00Z}" ;;
  *"get restores.velero.io"*) printf '%s' "${PHASE-Completed}" ;;
  *"create configmap"*) printf '%s\n' "$@" >"$LOG.record" ;;
esac
