"""AWS Backup vaults: whether one is locked, and for how long what it takes must be kept.

Source: AWS Backup Developer Guide, "AWS Backup Vault Lock" and "Logically air-gapped vault", 2026-11: a lock with
``changeable_for_days`` is in compliance mode; a job whose retention is outside of the bounds fails, whatever the mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drpolicy.model.durations import DAY, UNBOUNDED, Duration
from drpolicy.model.provenance import Derived, Provenance, Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass
from drpolicy.model.resources import Resource
from drpolicy.model.stores import Prerequisite
from drpolicy.model.truth import Truth
from drpolicy.model.values import Absent, Known, Unknown, Value
from drpolicy.recovery.backup_selections import both
from drpolicy.recovery.conversions import number_of
from drpolicy.recovery.links import Links
from drpolicy.recovery.logic import known, truth_of
from drpolicy.recovery.rule_gaps import about

AIR_GAPPED = "aws_backup_logically_air_gapped_vault"
LOCK = "aws_backup_vault_lock_configuration"
VAULTS = ("aws_backup_vault", AIR_GAPPED)


@dataclass(frozen=True, slots=True)
class VaultLock:
    """Whether a vault is locked in compliance mode, and the bounds of retention in days; ``why`` says why the lock may not be."""

    compliance: Value[bool]
    minimum: Value[Any]
    maximum: Value[Any]
    why: Unknown | None = None


def vault_locks(links: Links) -> dict[str, VaultLock]:
    """Map the key of every locked vault to its lock."""
    found: dict[str, VaultLock] = {}
    for vault in links.of_type(AIR_GAPPED):
        locked = known(True, "a logically air-gapped vault is locked", Written(vault.span))
        found[vault.key] = VaultLock(locked, vault.get("min_retention_days"), vault.get("max_retention_days"))
    for lock in links.of_type(LOCK):
        mode = lock.get("changeable_for_days")
        compliance: Value[bool] = known(isinstance(mode, Known), "vault lock in compliance mode", mode.origin)
        if isinstance(mode, Unknown):
            compliance = about(mode, "vault lock mode by")
        bounds = lock.get("min_retention_days"), lock.get("max_retention_days")
        for match in links.resolve(lock.get("backup_vault_name"), ("aws_backup_vault",), lock).matches:
            presence, why = both((match.presence, match.why), (lock.presence, lock.why))
            if presence is Truth.UNKNOWN:
                unsure = why or Unknown(Reason.COUNT_NOT_KNOWN, lock.key, Written(lock.span))
                off = truth_of(compliance) is Truth.FALSE
                mode_unsure = compliance if off else about(unsure, "vault lock by")
                found.setdefault(match.value.key, VaultLock(mode_unsure, *bounds, unsure))
            elif presence is Truth.TRUE:
                found[match.value.key] = VaultLock(compliance, *bounds)
    return found


def locked(vault: Resource | None, locks: Mapping[str, VaultLock], header: Provenance) -> Value[bool]:
    """Whether nobody can delete what a vault holds before its time."""
    if vault is None:
        return known(False, "no vault lock", header)
    lock = locks.get(vault.key)
    return lock.compliance if lock is not None else known(False, "no vault lock", Written(vault.span))


def retention_prerequisite(vault: Resource | None, locks: Mapping[str, VaultLock], retention: Value[Duration]) -> tuple[Prerequisite, ...]:
    """Return what a vault lock asks of the retention of what is put there; nothing without a lock or without bounds."""
    lock = locks.get(vault.key) if vault is not None else None
    if vault is None or lock is None or (isinstance(lock.minimum, Absent) and isinstance(lock.maximum, Absent)):
        return ()
    low, high = number_of(lock.minimum), number_of(lock.maximum)
    text = f"{vault.address} takes only recovery points kept {_bounds(low, high)}"
    return (Prerequisite("retention-within-lock", _within(retention, low, high, lock), text),)


def _within(retention: Value[Duration], low: float | None, high: float | None, lock: VaultLock) -> Value[bool]:
    unknown = next((each for each in (retention, lock.minimum, lock.maximum) if isinstance(each, Unknown)), None)
    # Without a lifecycle a recovery point is kept for ever.
    kept = retention.value if isinstance(retention, Known) else UNBOUNDED
    outside = not isinstance(retention, Unknown) and (
        (low is not None and kept < Duration(low * DAY)) or (high is not None and kept > Duration(high * DAY))
    )
    place = Derived("retention within the bounds of the lock", tuple(each.origin for each in (retention, lock.minimum, lock.maximum)))
    if outside:
        return Known(False, place) if lock.why is None else about(lock.why, "bounds by")
    return Known(True, place) if unknown is None else about(unknown, "retention by")


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g} days"
    if low is not None:
        return f"{low:g} days or longer"
    return f"{high:g} days or shorter" if high is not None else "as its lock says"
