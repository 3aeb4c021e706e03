"""What a feed gave and its source does not hold: forged, or lost when that was restored. Marked in the feed log, which is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from shared.eventlog.ports import EventFeed, EventStore
from shared.handling.relay import told
from shared.kernel.envelope import Recorded

FORGED = "forged"  # the reader whose cursor marks the first such event; its log is the source
CHUNK = 1_000


class Kept(EventFeed, Protocol):
    """A feed log that lists its cursors."""

    def cursors(self) -> list[tuple[str, str, int, bytes]]: ...


def mark(feed: EventStore, source: str, given: Recorded) -> None:
    """The first one stays marked."""
    before = feed.cursor(FORGED, source)
    if before is None or given.position < before[0]:
        feed.save_cursor(FORGED, source, given.position, given.chain)


def marked(feed: Kept) -> Iterator[str]:
    """What is marked, in words."""
    for reader, source, position, _ in feed.cursors():
        if reader == FORGED:
            [given] = feed.read(position - 1, 1)
            yield in_words(source, given)


def in_words(source: str, given: Recorded) -> str:
    return f"its event of {told(given)} was given as {given.envelope.origin}, and {source} does not hold it"


def beyond(feed: EventFeed, source: str, kept: int) -> Recorded | None:
    """The first event that was given of a source beyond a position."""
    after = 0
    while batch := feed.read(after, CHUNK):
        for given in batch:
            log, _, position = (given.envelope.origin or "").rpartition(":")
            if log == source and int(position) > kept:
                return given
        after = batch[-1].position
    return None
