"""The inboxes: the suites of their ports."""

from __future__ import annotations

from functools import partial

import pytest

from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.testing.conformance_feed import FeedConformance
from shared.testing.conformance_inbox import NEIGHBOUR, InboxConformance, carried, history


class TestSqliteInbox(InboxConformance):
    @pytest.fixture
    def open_inbox(self, tmp_path):
        return partial(SqliteInbox, tmp_path / "inbox.db", NEIGHBOUR)


class TestPostgresInbox(InboxConformance):
    @pytest.fixture
    def open_inbox(self, pg):
        return partial(PostgresInbox, pg, NEIGHBOUR)


class TestInboxFeed(FeedConformance):
    @pytest.fixture
    def feed(self, tmp_path):
        inbox, events = SqliteInbox(tmp_path / "inbox.db", NEIGHBOUR), iter(carried(history(20)))
        return inbox, lambda: inbox.store([next(events)])
