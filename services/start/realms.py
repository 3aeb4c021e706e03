"""Drills of a node: each a realm in a folder of its own below the node's data, which says so by a mark in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from shared.kernel.decoding import read_json
from shared.kernel.realm import REAL, drill_name, log_prefix
from shared.web.principals import Principals

DRILLS, MARK = "drills", "drill.json"


class From(msgspec.Struct, frozen=True):
    """What a log of a drill was begun with: a real log up to a position, and the chain that the copy was checked against."""

    log: str
    position: int
    chain: str
    whole: bool  # all of it, or its master data alone


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """The mark of a drill's folder. Whatever starts a node in it, starts this drill."""

    drill: str
    province: str
    made_at: datetime
    begins: datetime | None = None  # the moment of the past it goes on from
    logs: Mapping[str, From] = {}


def drill_folder(data: Path, name: str) -> Path:
    """Where a drill lies below a node's data. ValueError when nothing can be called so, or when this is itself a drill's folder."""
    if drill_of(data) is not None:
        raise ValueError(f"{data} is itself the folder of a drill: set ORTOO_DATA to the real node's")
    return data / DRILLS / drill_name(name)


def drill_of(folder: Path) -> Drill | None:
    """The drill whose folder this is; None for a real node's. ValueError when the mark cannot be read: it is never taken for real."""
    try:
        return read_json((folder / MARK).read_bytes(), Drill)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{folder / MARK} cannot be read: {error}; the folder is a drill's, drop it and make the drill again") from error


def drills_of(data: Path) -> list[tuple[Path, Drill]]:
    """The drills below a node's data, by name."""
    found = ((mark.parent, drill_of(mark.parent)) for mark in sorted((data / DRILLS).glob(f"*/{MARK}")))
    return [(folder, drill) for folder, drill in found if drill is not None and drill.drill == folder.name]  # not one half made


def mark(folder: Path, drill: Drill) -> None:
    """Write the mark; before anything else is put into the folder."""
    with os.fdopen(os.open(folder / MARK, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(drill)))
        file.flush()
        os.fsync(file.fileno())


def realm_of(folder: Path) -> str:
    """The realm of a node in this folder."""
    drill = drill_of(folder)
    return drill.drill if drill else REAL


def logs_of(folder: Path, province: str) -> str:
    """How the names of the logs in this folder begin."""
    return log_prefix(realm_of(folder), province)


def mint(folder: Path, actor: str, roles: tuple[str, ...], division: str | None, organ: str | None = None, realm: str | None = None) -> str:
    """A token by the key of the realm, where it lies in the folder or below it. ValueError when the folder's own key signs for another."""
    own = realm_of(folder)
    if own == REAL and realm not in (None, REAL) and drill_of(below := drill_folder(folder, realm or "")):
        folder = below
    principals = Principals(folder / "keys" / "node.pem", realm_of(folder))
    return principals.mint(actor, roles, division, organ=organ, realm=realm)
