"""What the lists of privacy share."""

from __future__ import annotations

from typing import Any

import msgspec

from services.privacy.events.certificate import DestructionSearched
from services.privacy.events.retention import PersonFound, RetentionVerified
from shared.handling.timers import utc
from shared.sql.ports import Connection

Row = dict[str, Any]


def text(value: object) -> str:
    """JSON for a column."""
    return msgspec.json.encode(value).decode()


def decoded(row: Row, *names: str) -> Row:
    """The row with these columns as they were before `text`."""
    return row | {name: msgspec.json.decode(row[name]) for name in names if row[name] is not None}


SEARCHED = (
    *(f"{where}_shows_person" for where in ("replay", "export", "backup")),
    *("blobs_show_person", "searched", "records", "finders", "words", "words_found"),
)


def searched(event: RetentionVerified | PersonFound | DestructionSearched) -> Row:
    """What a search after a destruction found, where, when and by whom."""
    said: Row = {name: getattr(event, name) for name in SEARCHED} | {"backups": msgspec.to_builtins(event.backups)}
    oldest = event.backups[0].name if isinstance(event, DestructionSearched) and event.backups else getattr(event, "backup", None)
    return said | {"backup": oldest, "at": utc(event.at), "by": event.by}


def listed(db: Connection, table: str, *, before: int | None, limit: int, **wanted: object) -> list[Row]:
    """Rows of a table, the last changed first; of a column's value if named. `table` and the columns' names are ours."""
    where, values = ["position < ?"], [before if before is not None else 2**62]
    arguments: list[object] = [*values]
    for name, value in wanted.items():
        if value is not None:
            where.append(f"{name} = ?")
            arguments.append(value)
    sql = f"SELECT * FROM {table} WHERE {' AND '.join(where)} ORDER BY position DESC LIMIT ?"
    return [dict(row) for row in db.execute(sql, (*arguments, limit))]
