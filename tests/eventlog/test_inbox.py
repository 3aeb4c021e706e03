"""The inboxes: the suites of their ports."""

from __future__ import annotations

from functools import partial

import pytest

from shared.eventlog.inbox import SqliteInbox
from shared.eventlog.postgres_inbox import PostgresInbox
from shared.kernel.errors import Unreadable
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


def test_a_topic_begun_again_forgets_what_was_passed_over_before_it_says_so(tmp_path, monkeypatch):
    """Killed in between it is begun again; the other way round, offsets of the old topic would be passed over in the new one."""
    inbox = SqliteInbox(tmp_path / "inbox.db", NEIGHBOUR)
    (one,) = history(1)
    with pytest.raises(Unreadable):
        inbox.store([(0, b"noise"), (1, one.cloud_event())])
    inbox.pass_over(0)
    inbox.store([(0, b"noise"), (1, one.cloud_event())])

    def killed(*_):
        raise KeyboardInterrupt

    for place in (inbox._log, inbox):
        monkeypatch.setattr(place, "save_cursor" if place is inbox._log else "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            inbox.rewind(0, "made anew")
        monkeypatch.undo()
        again = SqliteInbox(tmp_path / "inbox.db", NEIGHBOUR)
        assert (again.offset(), again._passed) == (2, set()), "not yet said, so seen again at the next start"
