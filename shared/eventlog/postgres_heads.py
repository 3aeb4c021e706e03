"""The ends of several logs of one PostgreSQL database in one statement, for who looks every few milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.eventlog.postgres_session import Sessions
from shared.sql.ports import StorageFailed
from shared.sql.sessions import quoted


class PostgresHeads:
    """The last position of each of these logs and inboxes. From any thread."""

    def __init__(self, dsn: str, names: Sequence[str]) -> None:
        self._names = tuple(names)
        asked = [f"SELECT {number} AS log, position FROM {quoted(name)}.head" for number, name in enumerate(self._names)]
        self._asked = " UNION ALL ".join(asked).encode()
        self._sessions = Sessions(dsn, "public", read_only=True)

    def read(self) -> Mapping[str, int]:
        """All of them as they stood at one moment. StorageFailed."""
        with self._sessions.use() as db:
            found = {self._names[number]: int(position) for number, position in db.execute(self._asked, binary=True).fetchall()}
        if lost := [name for name in self._names if name not in found]:
            raise StorageFailed(f"the schema {lost[0]} holds no head: it was changed by hand, restore the database")
        return found

    def close(self) -> None:
        self._sessions.close()
