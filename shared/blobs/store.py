"""Blobs in one SQLite file, so that a batch of them costs one sync (a folder would cost one each)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from shared.eventlog.sqlite import Connect, connect, storage


def digest(body: bytes) -> str:
    """The name of a blob: SHA-256 in hex."""
    return sha256(body).hexdigest()


class SqliteBlobs:
    """Durable before `put_many` returns; the same bytes are kept once. Safe from any thread."""

    def __init__(self, path: Path, connect: Connect = connect) -> None:
        self.path, self._connect = path, connect
        self._local = threading.local()
        with storage():
            db = self._connect(path)
            db.execute("CREATE TABLE IF NOT EXISTS blob (digest BLOB PRIMARY KEY, body BLOB NOT NULL)")
            db.close()

    def put_many(self, blobs: Mapping[str, bytes]) -> None:
        with storage():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT OR IGNORE INTO blob VALUES (?, ?)", [(_stored(name), body) for name, body in blobs.items()])
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def get(self, digest: str) -> bytes | None:
        """The bytes, checked against their name; None when unknown."""
        with storage():
            row = self._db().execute("SELECT body FROM blob WHERE digest = ?", (_stored(digest),)).fetchone()
        if row is None:
            return None
        body: bytes = row[0]
        if sha256(body).hexdigest() != digest:
            raise ValueError(f"blob {digest} was changed on disk")
        return body

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._connect(self.path)
        return db


def _stored(digest: str) -> bytes:
    """Half as long as its text: the index of digests is most of what a commit of small blobs writes."""
    return bytes.fromhex(digest)
