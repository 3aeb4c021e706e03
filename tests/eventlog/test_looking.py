"""A log that is only looked at, on a medium that cannot be written."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from shared.eventlog import sqlite
from shared.eventlog.sqlite import SqliteLog
from shared.sql.ports import NotReadable, StorageFailed
from shared.testing.facts import put, run_of

NAME = "150000.alerts"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A log copied with and without what was not folded back into it yet, where SQLite may make no file."""
    (tmp_path / "medium").mkdir()
    with closing(SqliteLog(tmp_path / f"{NAME}.db", NAME)) as log:
        put(log, *run_of(NAME, "a-1", 1, 3))
        with sqlite3.connect(log.path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        put(log, *run_of(NAME, "a-1", 4, 2))
        for path in tmp_path.glob(f"{NAME}.db*"):
            shutil.copy(path, tmp_path / "medium")

    def refuses(code):
        refused = sqlite3.OperationalError("unable to open database file")
        refused.sqlite_errorcode = code

        def opened(path):
            raise NotReadable(str(refused)) from refused

        monkeypatch.setattr(sqlite, "opened", opened)
        return tmp_path / "medium" / f"{NAME}.db"

    return refuses


def test_what_lies_beside_it_and_cannot_be_read_is_not_left_out_in_silence(copied):
    path = copied(sqlite3.SQLITE_CANTOPEN)
    with pytest.raises(StorageFailed, match=rf"cannot be written: copy {NAME}.db and {NAME}.db-wal to a place that can"):
        SqliteLog(path, NAME, read_only=True).head()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY | 1 << 8])
def test_a_copy_that_is_whole_in_itself_is_read(copied, code):
    path = copied(code)
    path.with_name(f"{path.name}-wal").write_bytes(b"")
    assert SqliteLog(path, NAME, read_only=True).head().position == 3


def test_what_is_wrong_otherwise_is_told_as_it_is(copied):
    path = copied(sqlite3.SQLITE_CORRUPT)
    with pytest.raises(StorageFailed, match="unable to open"):
        SqliteLog(path, NAME, read_only=True).head()
