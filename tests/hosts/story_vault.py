"""The vault of a simulated machine: it dies at each commit and each step of the root file, and must be in step with its log after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from services.privacy.events.certificate import DestructionBegun, DestructionCertified
from services.privacy.events.record import PersonalDataCollected, PersonalDataDestroyed
from services.privacy.searching.looking import readable
from shared.blobs.store import Blobs
from shared.runtime.simulated import CHECKPOINT, CrashPoints, MortalConnection
from shared.sql.sqlite import Files
from shared.testing.invariants import Broken
from shared.vault.root import RootFile
from shared.vault.vault import Vault, open_with
from tests.privacy.traces import Planted

TOLD = {"phone of V-A": "13800138000", "name of V-A": "Volunteer A", **{f"phone of V-{one}": f"TEST-000-{one}" for one in "BCDEFGHJ"}}
"""What the story's header tells of people, and the node may hold only sealed."""


class HasVault(Protocol):
    vault: Vault
    blobs: Blobs


class Current:
    """The vault, or another store, of whichever process has it open."""

    def __init__(self, machine: HasVault, store: str = "vault") -> None:
        self._machine, self._store = machine, store

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(self._machine, self._store), name)


def current(machine: HasVault, store: str = "vault") -> Any:
    """`Current`, for whoever asks for the store itself."""
    return Current(machine, store)


def open_mortal(folder: Path, points: CrashPoints) -> Vault:
    """Its files stay where they lie: the root file knows its keyring by the place."""

    def connect(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, factory=MortalConnection)
        db.points, db.folder = points, "vault"
        sqlite3.Connection.execute(db, "PRAGMA journal_mode = WAL")
        sqlite3.Connection.execute(db, "PRAGMA synchronous = OFF")
        sqlite3.Connection.execute(db, f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        return db

    def at(step: str) -> None:
        points.at("before vault")

    return open_with(Files(folder, connect), RootFile(folder.with_name("root.key"), at))


def check_vault(vault: Vault, folder: Path, facts: Sequence[Any]) -> None:
    """No reference without key, no key without reference, nothing left over, and what the log says is there or gone. Raises Broken."""
    held, keys = _ids(folder / "vault.db", "SELECT data_key FROM reference"), _ids(folder / "keyring.db", "SELECT id FROM data_key")
    if held != keys:
        raise Broken(f"{len(held - keys)} keys of references are not there, {len(keys - held)} keys have no reference")
    left = {name: number for name, number in vault.counts().items() if name not in ("refs", "keys") and number}
    if left:
        raise Broken(f"the vault has left over {left}")
    gone = {ref for fact in facts if isinstance(fact, PersonalDataDestroyed) for ref in fact.refs}
    live = {fact.ref for fact in facts if isinstance(fact, PersonalDataCollected) and fact.ref is not None and fact.fields} - gone
    if readable(vault, sorted(gone)):
        raise Broken("what was destroyed is readable")
    if (there := readable(vault, sorted(live))) != len(live):
        raise Broken(f"{len(live) - there} of {len(live)} references in force do not open")
    begun, certified = ([fact.certificate for fact in facts if isinstance(fact, kind)] for kind in (DestructionBegun, DestructionCertified))
    if begun != certified:
        raise Broken(f"destructions {begun} have the certificates {certified}")


def clear(folder: Path) -> None:
    """Nobody stands in clear in any store of the machine. Raises Broken."""
    if hits := Planted(TOLD, {}).found_in(*(place for place in folder.iterdir() if place.suffix != ".yaml")):  # the story itself
        raise Broken(f"in clear: {hits}")


def _ids(path: Path, asked: str) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {id for (id,) in db.execute(asked)}
