"""Blobs in one table, so that a batch of them costs one sync (a folder would cost one each)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from shared.sql.pool import Pool
from shared.sql.ports import Database

SCHEMA = "CREATE TABLE IF NOT EXISTS blob (digest BLOB PRIMARY KEY, body BLOB NOT NULL)"


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

    def close(self) -> None:
        self._pool.close()


def _stored(digest: str) -> bytes:
    """Half as long as its text: the index of digests is most of what a commit of small blobs writes."""
    return bytes.fromhex(digest)
