"""An inbox in one schema of a PostgreSQL database."""

from __future__ import annotations

from shared.eventlog.inbox import StoredInbox
from shared.eventlog.postgres import PostgresLog
from shared.sql.postgres import Schema


class PostgresInbox(StoredInbox):
    """An inbox in the schema of the log's name."""

    def __init__(self, dsn: str, name: str) -> None:
        super().__init__(PostgresLog(dsn, name), Schema(dsn, name))
