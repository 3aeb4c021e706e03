"""Sessions of one log in PostgreSQL, one to whoever reads or writes now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.pq import TransactionStatus

from shared.sql.sessions import PLANS, USUAL, Limits, Session, dial, ended, settings, storage

KEPT = 8  # sessions that wait for their next use


class Sessions:
    """A session for each use, from any thread; a few of those in between are kept for the next."""

    def __init__(self, dsn: str, schema: str, *, read_only: bool = False, limits: Limits = USUAL) -> None:
        self._dsn = dsn
        self._settings = settings(schema, read_only=read_only, limits=limits) | PLANS
        self._idle: list[Session] = []
        self._closed = False

    @contextmanager
    def use(self) -> Iterator[Session]:
        """A session outside any transaction; one that is left inside one, or broken, is thrown away."""
        with storage():
            db = self._kept() or dial(self._dsn, self._settings, prepare_threshold=0)
            try:
                yield db
            finally:
                if self._closed or len(self._idle) >= KEPT or db.info.transaction_status != TransactionStatus.IDLE:
                    db.close()
                else:
                    self._idle.append(db)

    def close(self) -> None:
        """End what waits now, and what is in use as soon as it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Session | None:
        with suppress(IndexError):
            while ended(db := self._idle.pop()):
                db.close()
            return db
        return None

    def __del__(self) -> None:
        with suppress(AttributeError):  # a log that never opened
            self.close()
