"""The hook and the pipelines that ``drpolicy init`` proposes: the same commands as those of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator

from drpolicy import __version__

HOOKS = ".pre-commit-config.yaml"
GITHUB = ".github/workflows/drpolicy.yml"
GITLAB = ".gitlab-ci.yml"

_HOOK = """\
repos:
  - repo: https://github.com/drpolicy/drpolicy
    rev: v{version}
    hooks:
      - id: drpolicy{arguments}
      - id: drpolicy-declarations
"""

_GITHUB = """\
name: drpolicy
on:
  pull_request:
permissions: {{}}
jobs:
  drpolicy:
    name: Recoverability
    runs-on: ubuntu-24.04
    permissions:
      contents: read # check out
      security-events: write # alerts in the diff
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          fetch-depth: 0 # --diff reads the base
          persist-credentials: false
      - run: pip install drpolicy=={version}
      - run: drpolicy check --format auto --diff "origin/$GITHUB_BASE_REF" --output sarif=drpolicy.sarif{path}
      - if: always() && github.event.pull_request.head.repo.full_name == github.repository
        uses: github/codeql-action/upload-sarif@3599b3baa15b485a2e49ef411a7a4bb2452e7f93 # v3.30.5
        with:
          sarif_file: drpolicy.sarif
          category: drpolicy
"""

_GITLAB = """\
drpolicy:
  image: python:3.13-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  variables:
    GIT_DEPTH: "0" # --diff reads the base
  before_script:
    - apt-get update -qq && apt-get install -qq --no-install-recommends git
    - pip install --quiet drpolicy=={version}
  script:
    - drpolicy check --diff "$CI_MERGE_REQUEST_DIFF_BASE_SHA" --output gitlab=gl-code-quality-report.json{path}
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


def hook_text(directory: str) -> str:
    """Return the configuration of pre-commit, for a directory of the repository."""
    arguments = f"\n        args: [{json.dumps(directory, ensure_ascii=False)}]" if directory else ""
    return _HOOK.format(version=__version__, arguments=arguments)


def pipelines(directory: str, *, github: bool, gitlab: bool) -> Iterator[tuple[str, str]]:
    """Yield the pipelines of the services that a repository uses; GitHub's when nothing says which."""
    # A path is part of a command here: what a shell could read otherwise is left for people to write.
    path = f" {directory}" if directory and all(each.isalnum() or each in "-_./" for each in directory) else ""
    if github or not gitlab:
        yield GITHUB, _GITHUB.format(version=__version__, path=path)
    if gitlab:
        yield GITLAB, _GITLAB.format(version=__version__, path=path)
