"""Stores that honour nothing. Not collected: `test_conformance.py` runs them and wants every test to fail."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from shared.eventlog.ports import Head
from shared.testing.conformance import StoreConformance
from shared.testing.conformance_feed import FeedConformance
from shared.testing.conformance_inbox import InboxConformance


class NothingParking:
    def holds(self, *_):
        return False

    def park(self, *_):
        pass

    def waiting(self, *_):
        return []

    def release(self, *_):
        pass

    def listed(self):
        return []


class NothingPen:
    head = Head(0, b"", None)

    def handled(self, ids):
        return {}

    def append(self, *_, **__):
        return []


class NothingStore:
    """Accepts everything, keeps nothing, refuses nothing."""

    name = "150000.nothing"

    @contextmanager
    def pen(self):
        yield NothingPen()

    def head(self):
        return NothingPen.head

    def read(self, after, limit=1000):
        return []

    def stream(self, stream, after=0):
        return []

    def streams(self, streams):
        return []

    def chain_at(self, position):
        return None

    def cursor(self, reader, log):
        return None

    def save_cursor(self, *_):
        pass

    def attempts(self, limit=100):
        return []

    def parking(self):
        return NothingParking()

    def close(self):
        pass


class NothingInbox(NothingStore):
    """Takes everything for stored, keeps and refuses nothing."""

    def offset(self):
        return 0

    def store(self, records):
        return 0

    def rewind(self, offset, words):
        pass

    def faults(self):
        return []

    def pass_over(self, offset):
        return False


class NothingVandal:
    def change(self, position):
        pass

    def cut(self, position):
        pass

    def update(self):
        pass

    def delete(self):
        pass


class TestNothingStore(StoreConformance):
    @pytest.fixture
    def open_log(self):
        return NothingStore

    @pytest.fixture
    def vandal(self):
        return NothingVandal()


class TestNothingFeed(FeedConformance):
    @pytest.fixture
    def feed(self):
        return NothingStore(), lambda: None


class TestNothingInbox(InboxConformance):
    @pytest.fixture
    def open_inbox(self):
        return NothingInbox
