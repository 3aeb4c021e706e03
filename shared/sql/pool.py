"""Connections for units of work, from any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from shared.sql.ports import Connection

KEPT = 8  # connections that wait for their next use


class Pool:
    """One connection to whoever has a unit of work now; a few of those in between are kept for the next."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def use(self) -> Iterator[Connection]:
        """A connection outside any transaction; one that is left inside one is thrown away."""
        db = self._kept() or self._connect()
        try:
            yield db
        finally:
            if self._closed or len(self._idle) >= KEPT or db.in_transaction:
                db.close()
            else:
                self._idle.append(db)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All of what is done, or nothing."""
        with self.use() as db, transaction(db):
            yield db

    def close(self) -> None:
        """Close what waits now, and what is in use as soon as it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Connection | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None


@contextmanager
def transaction(db: Connection) -> Iterator[Connection]:
    """Leaving the block commits; an exception rolls everything back."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
