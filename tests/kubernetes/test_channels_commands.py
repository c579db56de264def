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


WORKFLOW = """\
name: backup
on:
  schedule:
  - cron: "30 2 * * *"
  workflow_dispatch: {}
jobs:
  nightly:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - name: back up
      run: |
        velero backup create nightly-${{ github.run_id }} --ttl 72h --include-namespaces shop
"""
LOCATION = (
    "apiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {name: default, namespace: velero}\n"
    "spec: {provider: aws, objectStorage: {bucket: b}}\n"
)


def test_a_scheduled_workflow_that_makes_a_backup_is_a_schedule() -> None:
    assert reached({".github/workflows/backup.yml": WORKFLOW, "k/v.yaml": LOCATION}, "velero.io/v1/Schedule") == [
        "k//Schedule/velero/nightly@.github.workflows.backup.yml:nightly.1 .github/workflows/backup.yml:13:9",
        "  schedule = 30 2 * * * .github/workflows/backup.yml:4:11",
        "  template.ttl = 72h .github/workflows/backup.yml:13:65",
        "  template.includedNamespaces[0] = shop .github/workflows/backup.yml:13:90",
    ]


def test_a_workflow_may_work_on_either_of_two_clusters() -> None:
    files = {".github/workflows/backup.yml": WORKFLOW, "a/v.yaml": LOCATION, "b/v.yaml": LOCATION}
    assert [line for line in reached(files, "velero.io/v1/Schedule") if "//" in line] == [
        "a//Schedule/velero/nightly@.github.workflows.backup.yml:nightly.1 ? .github/workflows/backup.yml:13:9",
        "b//Schedule/velero/nightly@.github.workflows.backup.yml:nightly.1 ? .github/workflows/backup.yml:13:9",
    ]


def test_a_step_under_a_condition_may_not_run() -> None:
    conditional = WORKFLOW.replace("    - name: back up\n", "    - name: back up\n      if: github.ref == 'refs/heads/main'\n")
    files = {".github/workflows/backup.yml": conditional, "k/v.yaml": LOCATION}
    assert reached(files, "velero.io/v1/Schedule")[0].startswith("k//Schedule/velero/nightly@.github.workflows.backup.yml:nightly.1 ? ")
    always = WORKFLOW.replace("    - name: back up\n", "    - name: back up\n      if: always()\n")
    assert " ? " not in reached({**files, ".github/workflows/backup.yml": always}, "velero.io/v1/Schedule")[0]


def test_a_workflow_that_nothing_starts_by_the_clock_may_never_have_run() -> None:
    manual = WORKFLOW.replace('  schedule:\n  - cron: "30 2 * * *"\n', "")
    found = reached({".github/workflows/backup.yml": manual, "k/v.yaml": LOCATION}, "velero.io/v1/Backup")
    assert [line for line in found if "//Backup/" in line] == [
        "k//Backup/velero/nightly@.github.workflows.backup.yml:nightly.1 ? .github/workflows/backup.yml:11:9"
    ]


def test_a_script_of_another_language_is_not_read() -> None:
    other = WORKFLOW.replace("      run: |", "      shell: python\n      run: |")
    assert reached({".github/workflows/backup.yml": other, "k/v.yaml": LOCATION}, "velero.io/v1/Schedule") == []


def test_install_brings_both_locations() -> None:
    script = (
        "velero install --provider aws --bucket b --prefix p --namespace backup --plugins x:1 "
        "--backup-location-config region=eu-west-1,s3ForcePathStyle=true --snapshot-location-config region=eu-west-2"
    )
    assert reached({"k/j.yaml": job(script, "Job")}) == [
        "k//BackupStorageLocation/backup/default@Job.velero.nightly k/j.yaml:13:13",
        "  provider = aws k/j.yaml:13:39",
        "  default = True k/j.yaml:13:13",
        "  objectStorage.bucket = b k/j.yaml:13:52",
        "  objectStorage.prefix = p k/j.yaml:13:63",
        "  config.region = eu-west-1 k/j.yaml:13:123",
        "  config.s3ForcePathStyle = true k/j.yaml:13:123",
        "k//VolumeSnapshotLocation/backup/default@Job.velero.nightly k/j.yaml:13:13",
        "  provider = aws k/j.yaml:13:39",
        "  config.region = eu-west-2 k/j.yaml:13:189",
    ]


def test_gitlab_keeps_when_a_scheduled_pipeline_runs() -> None:
    pipeline = (
        "backup:\n  script:\n  - velero backup create nightly --include-namespaces shop\n  rules:\n"
        '  - if: $CI_PIPELINE_SOURCE == "schedule"\n.template:\n  script: [velero backup create other]\n'
    )
    assert reached({".gitlab-ci.yml": pipeline, "k/v.yaml": LOCATION}, "velero.io/v1/Schedule") == [
        "k//Schedule/velero/backup@.gitlab-ci.yml:backup.0 .gitlab-ci.yml:3:5",
        "  schedule ? schedule of the pipeline of .gitlab-ci.yml, which GitLab keeps .gitlab-ci.yml:2:3",
        "  template.includedNamespaces[0] = shop .gitlab-ci.yml:3:55",
    ]
