"""Blobs in one table, so that a batch of them costs one sync (a folder would cost one each)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from shared.sql.pool import Pool
from shared.sql.ports import Connection, Database

SCHEMA = "CREATE TABLE IF NOT EXISTS blob (digest BLOB PRIMARY KEY, body BLOB NOT NULL)"
SOME = 16  # read at a time: one may have megabytes


def digest(body: bytes) -> str:
    """The name of a blob: SHA-256 in hex."""
    return sha256(body).hexdigest()


class Blobs:
    """Durable before `put_many` returns; the same bytes are kept once. Safe from any thread."""

    def __init__(self, database: Database) -> None:
        self._pool = Pool(database.connect)
        with self._pool.use() as db:
            db.executescript(SCHEMA)

    def put_many(self, blobs: Mapping[str, bytes]) -> None:
        rows = [(_stored(name), body) for name, body in sorted(blobs.items())]  # in one order: two writers never wait for each other
        with self._pool.transaction() as db:
            db.executemany("INSERT INTO blob VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", rows)

    def get(self, digest: str) -> bytes | None:
        """The bytes, checked against their name; None when unknown."""
        with self._pool.use() as db:
            row = db.execute("SELECT body FROM blob WHERE digest = ?", (_stored(digest),)).fetchone()
        if row is None:
            return None
        body: bytes = row[0]
        if sha256(body).hexdigest() != digest:
            raise ValueError(f"blob {digest} was changed on disk")
        return body

    def every(self) -> Iterator[tuple[str, bytes]]:
        """All there are, by name and bytes, some of them at a time."""
        with self._pool.use() as db:
            yield from every(db)

    def close(self) -> None:
        self._pool.close()


def every(db: Connection) -> Iterator[tuple[str, bytes]]:
    """`Blobs.every` of a file that is only looked into, such as a backup's."""
    after = b""
    while rows := db.execute("SELECT digest, body FROM blob WHERE digest > ? ORDER BY digest LIMIT ?", (after, SOME)).fetchall():
        yield from ((bytes(name).hex(), bytes(body)) for name, body in rows)
        after = bytes(rows[-1][0])


def _stored(digest: str) -> bytes:
    """Half as long as its text: the index of digests is most of what a commit of small blobs writes."""
    return bytes.fromhex(digest)
