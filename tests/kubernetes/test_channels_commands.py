"""Velero's command line in CronJobs and Jobs."""

from __future__ import annotations

from channel_fixtures import reached


def job(script: str, kind: str = "CronJob", more: str = "  schedule: '0 3 * * *'\n  timeZone: Asia/Seoul\n") -> str:
    body = "".join(f"            {line}" for line in script.splitlines(keepends=True))
    pod = (
        f"template:\n      spec:\n        containers:\n        - name: velero\n          image: tools\n"
        f"          command: [sh, -c]\n          args:\n          - |\n{body}"
    )
    nested = f"  jobTemplate:\n   spec:\n    {pod}" if kind == "CronJob" else f"  {pod}"
    head = f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: nightly, namespace: velero}}\nspec:\n"
    return f"{head}{more if kind == 'CronJob' else ''}{nested}\n"


def test_a_backup_that_a_cronjob_makes_is_a_schedule() -> None:
    script = (
        "set -e\n"
        "velero backup create nightly-$(date +%s) --ttl 72h --include-namespaces shop,web --storage-location=$WHERE --snapshot-move-data"
    )
    assert reached({"k/j.yaml": job(script)}) == [
        "k//Schedule/velero/nightly@CronJob.velero.nightly#2 k/j.yaml:18:13",
        "  schedule = CRON_TZ=Asia/Seoul 0 3 * * * k/j.yaml:5:13",
        "  template.ttl = 72h k/j.yaml:18:60",
        "  template.storageLocation ? k/j.yaml:$WHERE k/j.yaml:18:94",
        "  template.includedNamespaces[0] = shop k/j.yaml:18:85",
        "  template.includedNamespaces[1] = web k/j.yaml:18:85",
        "  template.snapshotMoveData = True k/j.yaml:18:120",
    ]


def test_a_backup_under_a_condition_may_not_be_made() -> None:
    found = reached({"k/j.yaml": job("if true; then velero backup create x; fi")})
    assert found[0].startswith("k//Schedule/velero/nightly@CronJob.velero.nightly#1 ? ")
    found = reached({"k/j.yaml": job("test -f /x || velero backup create x")})
    assert found[0].startswith("k//Schedule/velero/nightly@CronJob.velero.nightly#1 ? ")


def test_a_job_makes_a_backup_once_a_schedule_and_a_location() -> None:
    script = (
        "velero backup create before-upgrade --selector app=shop\n"
        "velero schedule create hourly --schedule '@every 1h' --ttl 24h\n"
        "velero backup-location create dr --provider aws --bucket b --config region=eu-west-1 --access-mode ReadOnly"
    )
    assert reached({"k/j.yaml": job(script, "Job")}) == [
        "k//Backup/velero/before-upgrade@Job.velero.nightly k/j.yaml:13:13",
        "  labelSelector.matchLabels.app = shop k/j.yaml:13:60",
        "k//Schedule/velero/hourly@Job.velero.nightly#1 k/j.yaml:14:13",
        "  schedule = @every 1h k/j.yaml:14:54",
        "  template.ttl = 24h k/j.yaml:14:72",
        "k//BackupStorageLocation/velero/dr@Job.velero.nightly#2 k/j.yaml:15:13",
        "  provider = aws k/j.yaml:15:57",
        "  accessMode = ReadOnly k/j.yaml:15:112",
        "  objectStorage.bucket = b k/j.yaml:15:70",
        "  config.region = eu-west-1 k/j.yaml:15:81",
    ]


def test_a_backup_from_a_schedule_takes_what_the_schedule_takes() -> None:
    schedule = (
        "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: base, namespace: velero}\n"
        "spec: {schedule: '@daily', template: {ttl: 9h}}\n"
    )
    files = {"k/j.yaml": job("velero backup create --from-schedule base"), "k/s.yaml": schedule}
    assert reached(files)[-1] == "  template.ttl = 9h k/s.yaml:4:44"
