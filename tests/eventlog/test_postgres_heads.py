"""The ends of several logs of one database, asked at once."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres_heads import PostgresHeads
from shared.sql.ports import StorageFailed
from shared.testing.facts import put, run_of

NAMES = ("150000.alerts", "150000.registry")


def test_each_log_is_named_with_its_last_position(pg):
    with closing(PostgresLog(pg, NAMES[0])) as alerts, closing(PostgresLog(pg, NAMES[1])), closing(PostgresHeads(pg, NAMES)) as heads:
        assert heads.read() == {NAMES[0]: 0, NAMES[1]: 0}
        put(alerts, *run_of(NAMES[0], "a", 1, 2))
        assert heads.read() == {NAMES[0]: 2, NAMES[1]: 0}


def test_a_log_whose_end_is_lost_is_named(pg):
    with closing(PostgresLog(pg, NAMES[0])), closing(PostgresLog(pg, NAMES[1])), closing(PostgresHeads(pg, NAMES)) as heads:
        with psycopg.connect(pg, autocommit=True) as db:
            for said in (f'ALTER TABLE "{NAMES[1]}".head DISABLE TRIGGER ALL', f'DELETE FROM "{NAMES[1]}".head'):
                db.execute(said.encode())
        with pytest.raises(StorageFailed, match=NAMES[1]):
            heads.read()
