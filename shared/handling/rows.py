"""The unit of work of a reader: reads through, keeps changed rows, writes each once per chunk."""

from __future__ import annotations

from typing import Any

from shared.handling.declare import Table
from shared.sql.ports import Connection

Key = tuple[Any, ...]
REMEMBERED = 20_000  # rows of a table known from one chunk to the next: nobody else writes them


class UnitOfWork:
    """`Rows` over one connection; `flush` belongs to the reader, inside its transaction."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._seen: dict[str, dict[Key, dict[str, Any] | None]] = {}
        self._dirty: dict[str, set[Key]] = {}
        self._tables: dict[str, Table] = {}
        self._select: dict[str, str] = {}

    def get(self, table: Table, *key: Any) -> dict[str, Any] | None:
        seen = self._rows(table)
        if key not in seen:
            row = self._db.execute(self._select[table.name], key).fetchone()
            seen[key] = None if row is None else dict(zip(table.columns, row, strict=True))
        found = seen[key]
        return None if found is None else dict(found)

    def put(self, table: Table, **row: Any) -> None:
        seen = self._rows(table)
        key = tuple([row[name] for name in table.key])
        seen[key] = row
        self._dirty[table.name].add(key)

    def change(self, table: Table, *key: Any, **columns: Any) -> None:
        row = self.get(table, *key)
        if row is not None:
            row.update(columns)
            self._rows(table)[key] = row
            self._dirty[table.name].add(key)

    def delete(self, table: Table, *key: Any) -> None:
        self._rows(table)[key] = None
        self._dirty[table.name].add(key)

    def flush(self) -> None:
        """Write every changed row; the caller commits."""
        for name, keys in self._dirty.items():
            if not keys:
                continue
            table, seen = self._tables[name], self._seen[name]
            columns = list(table.columns)
            removed = [key for key in keys if seen[key] is None]
            written = [tuple(map(row.get, columns)) for key in keys if (row := seen[key]) is not None]
            if written:
                self._db.executemany(table.upsert(), written)
            if removed:
                where = " AND ".join(f"{column} = ?" for column in table.key)
                self._db.executemany(f"DELETE FROM {name} WHERE {where}", removed)
            keys.clear()
            if len(seen) > REMEMBERED:
                seen.clear()

    def forget(self) -> None:
        """Drop everything not flushed (after a rollback) and what was read (when others may have written)."""
        for name in self._seen:
            self._seen[name].clear()
            self._dirty[name].clear()

    def _rows(self, table: Table) -> dict[Key, dict[str, Any] | None]:
        seen = self._seen.get(table.name)
        if seen is None:
            seen = self._seen[table.name] = {}
            self._dirty[table.name] = set()
            self._tables[table.name] = table
            where = " AND ".join(f"{column} = ?" for column in table.key)
            self._select[table.name] = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {where}"
        return seen
