"""Organs with the posts that carry roles, and who adopted which rule pack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.registry.events.organs import OrganRegistered, PostAssigned, PostEnded
from services.registry.events.packs import RulePackAdopted
from shared.handling.declare import Rows, Table
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

ORGANS = Table(
    "organ",
    key=("organ",),
    columns={
        "organ": "TEXT NOT NULL",
        "division": "TEXT NOT NULL",
        "zh": "TEXT NOT NULL",
        "en": "TEXT NOT NULL",
        "functions": "TEXT NOT NULL",
        "signs_as": "TEXT",
    },
    indexes=(("division",),),
)
POSTS = Table(
    "post",
    key=("organ", "post"),
    columns={"organ": "TEXT NOT NULL", "post": "TEXT NOT NULL", "roles": "TEXT NOT NULL", "starts": "TEXT NOT NULL", "until": "TEXT"},
)
ADOPTIONS = Table(
    "adoption",
    key=("division", "starts"),
    columns={
        "division": "TEXT NOT NULL",
        "starts": "TEXT NOT NULL",
        "pack": "TEXT NOT NULL",
        "digest": "TEXT",
        "reason": "TEXT",
    },
)


class OrganList:
    """Organs and posts."""

    tables: tuple[Table, ...] = (ORGANS, POSTS)
    listens: tuple[str, ...] = ("registry.organ.registered", "registry.post.assigned", "registry.post.ended")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case OrganRegistered(organ=organ, division=division, zh=zh, en=en, signs_as=signs_as):
                functions = _json(event.functions)
                rows.put(ORGANS, organ=organ, division=division, zh=zh, en=en, functions=functions, signs_as=signs_as)
            case PostAssigned(organ=organ, post=post, roles=roles, starts=starts, until=until):
                rows.put(POSTS, organ=organ, post=post, roles=_json(roles), starts=_utc(starts), until=_utc(until) if until else None)
            case PostEnded(organ=organ, post=post):
                rows.delete(POSTS, organ, post)


class AdoptionList:
    """Adopted rule packs."""

    tables: tuple[Table, ...] = (ADOPTIONS,)
    listens: tuple[str, ...] = ("registry.rulepack.adopted",)

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case RulePackAdopted(division=division, pack=pack, digest=digest, starts=starts, reason=reason):
                rows.put(ADOPTIONS, division=division, starts=_utc(starts), pack=pack, digest=digest, reason=reason)


def list_organs(db: Connection, *, after: str | None, limit: int, division: str | None = None) -> Sequence[dict[str, Any]]:
    """Organs in the order of their ids, after one of them, each with its posts; of one division if named."""
    of = "" if division is None else "AND division = :division"
    found = db.execute(
        f"SELECT * FROM organ WHERE organ > :after {of} ORDER BY organ LIMIT :limit",
        {"after": after or "", "division": division, "limit": limit},
    )
    return [dict(row) | {"functions": msgspec.json.decode(row["functions"]), "posts": _posts(db, row["organ"])} for row in found]


def list_adoptions(db: Connection) -> Sequence[dict[str, Any]]:
    """Every adoption, by division, in the order they begin."""
    return [dict(row) for row in db.execute("SELECT * FROM adoption ORDER BY division, starts")]


def _posts(db: Connection, organ: str) -> list[dict[str, Any]]:
    found = db.execute("SELECT post, roles, starts, until FROM post WHERE organ = ? ORDER BY post", (organ,))
    return [dict(row) | {"roles": msgspec.json.decode(row["roles"])} for row in found]


def _json(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
