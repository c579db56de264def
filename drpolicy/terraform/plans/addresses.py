"""Addresses of resources and modules, taken apart (Terraform docs, "Resource Addressing", 2026-11)."""

from __future__ import annotations

import json
from typing import Any

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

_KEY = r'\[(?:-?\d+|"(?:[^"\\]|\\.)*+"|\*)\]'
_MODULE = deferred(rf"module\.([^.\[\]]+)({_KEY})?(?:\.|$)")
_KEYS = deferred(_KEY)


@dataclass(frozen=True, slots=True)
class ModuleAddress:
    """An instance of a module: the calls that lead to it, and the keys of each (``["a"]``, ``[0]``, or nothing)."""

    calls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What the addresses of its resources begin with."""
        return "".join(f"module.{call}{key}." for call, key in zip(self.calls, self.keys, strict=True))

    @property
    def parent(self) -> ModuleAddress:
        return ModuleAddress(self.calls[:-1], self.keys[:-1])

    def child(self, call: str, key: str) -> ModuleAddress:
        return ModuleAddress((*self.calls, call), (*self.keys, key))


def split_module(address: str) -> tuple[ModuleAddress, str]:
    """Return the module instance that an address or reference begins with, and what is left."""
    at, calls, keys = 0, [], []
    while (match := _MODULE.match(address, at)) is not None:
        calls.append(match[1])
        keys.append(match[2] or "")
        at = match.end()
    return ModuleAddress(tuple(calls), tuple(keys)), address[at:]


def without_keys(address: str) -> str:
    """Return the address of the blocks behind an address: without the keys of instances."""
    return _KEYS.sub("", address)


def key_text(index: Any) -> str:
    """Return an instance key as an address ends with it."""
    match index:
        case bool() | None:
            return ""
        case int():
            return f"[{index}]"
        case str():
            return f"[{json.dumps(index, ensure_ascii=False)}]"
        case _:
            return ""
