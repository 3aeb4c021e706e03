"""The suite of EventFeed. An adapter's test file is a fixture; a feed that delivers nothing must fail every test here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.eventlog.ports import EventFeed
from shared.testing.facts import all_of

Fed = tuple[EventFeed, Callable[[], object]]
"""A feed, and how its log gets one more event."""


class FeedConformance:
    """EventFeed: ordered delivery of one log. `feed` gives (feed, append): a feed, and how its log gets one more event."""

    @pytest.fixture
    def feed(self) -> Fed:
        raise NotImplementedError("an empty feed, and a function that adds one event to its log")

    def test_everything_comes_in_order_and_without_a_gap(self, feed: Fed) -> None:
        source, append = feed
        for _ in range(5):
            append()
        assert [r.position for r in source.read(0)] == [1, 2, 3, 4, 5]
        assert len(all_of(source)) == 5

    def test_reading_goes_on_after_a_position_and_keeps_to_its_limit(self, feed: Fed) -> None:
        source, append = feed
        for _ in range(9):
            append()
        assert [r.position for r in source.read(4, 3)] == [5, 6, 7]

    def test_after_the_end_there_is_nothing_until_something_happens(self, feed: Fed) -> None:
        source, append = feed
        append()
        assert source.read(1) == []
        append()
        assert [r.position for r in source.read(1)] == [2]

    def test_reading_takes_nothing_away(self, feed: Fed) -> None:
        source, append = feed
        append()
        assert [r.cloud_event() for r in source.read(0)] == [r.cloud_event() for r in source.read(0)] != []
