"""Small estates around one store, read as the command line reads them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date

from drpolicy.app.reading import read_tree
from drpolicy.catalog.load import built_in_catalog
from drpolicy.model.estate import Estate
from drpolicy.model.stores import Protection, Store
from drpolicy.model.values import Member
from drpolicy.recovery.build import build_estate
from drpolicy.sources.trees import MemoryTree

sys.setrecursionlimit(20_000)  # what the command line runs with

SEOUL = 'provider "aws" {\n  region = "ap-northeast-2"\n}\n'
TOKYO = 'provider "aws" {\n  alias  = "tokyo"\n  region = "ap-northeast-1"\n}\n'


def plan(rule: str = 'schedule = "cron(0 3 * * ? *)"', header: str = "") -> str:
    return f"""
resource "aws_backup_plan" "p" {{
  {header}
  name = "p"
  rule {{
    rule_name         = "r"
    target_vault_name = "Default"
    {rule}
  }}
}}
"""


def selection(terms: str) -> str:
    return f"""
resource "aws_backup_selection" "s" {{
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  {terms}
}}
"""


def table(body: str = "", name: str = "t") -> str:
    return f'resource "aws_dynamodb_table" "{name}" {{\n  name = "{name}"\n  {body}\n}}\n'


def estate_of(files: Mapping[str, str] | str) -> Estate:
    given = {"main.tf": files} if isinstance(files, str) else files
    return build_estate(read_tree(MemoryTree(given)).inputs, built_in_catalog(), date(2026, 11, 1))


def store_of(files: Mapping[str, str] | str, address: str) -> Store:
    return next(each for each in estate_of(files).stores if each.address == address)


def members(files: Mapping[str, str] | str, address: str, mechanism: str) -> list[Member[Protection]]:
    return [each for each in store_of(files, address).protections.elements if each.value.mechanism == mechanism]


def one(files: Mapping[str, str] | str, address: str, mechanism: str) -> Member[Protection]:
    (found,) = members(files, address, mechanism)
    return found
