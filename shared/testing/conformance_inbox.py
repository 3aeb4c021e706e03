"""The suite of Inbox. An adapter's test file is a fixture; an inbox that keeps and refuses nothing must fail every test here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shared.eventlog.chain import seal_all
from shared.eventlog.ports import Head, Inbox, New
from shared.kernel.envelope import Recorded, genesis
from shared.kernel.errors import LogFork, LogGap, Unreadable
from shared.testing.facts import AT, all_of, new, run_of

NEIGHBOUR = "150000.neighbour"
OpenInbox = Callable[[], Inbox]


def history(count: int, log: str = NEIGHBOUR, said: str = "") -> list[Recorded]:
    """The first events of a log, as its node sealed them."""
    return seal_all(Head(0, genesis(log), None), run_of(log, "a-1", 1, count, said))


def carried(events: Sequence[Recorded], offset: int = 0) -> list[tuple[int, bytes]]:
    """The events as they lie on a topic, from an offset on."""
    return [(offset + n, recorded.cloud_event()) for n, recorded in enumerate(events)]


def forged(recorded: Recorded) -> bytes:
    """An event with one byte changed, under the chain of the true one."""
    return recorded.cloud_event().replace(b"testing.thing", b"testing.thine")


UNREADABLE = {
    "nothing": b"",
    "no JSON": b"\x00\xff not an event",
    "JSON, but no event": b'{"specversion":"1.0","id":"1"}',
    "an event without a chain": history(6)[5].record,
    "half an event": history(6)[5].cloud_event()[:-100],
    "a chain that is none": history(6)[5].cloud_event()[:-6] + b'zzzz"}',
    "an event of another log": history(6, "150000.stranger")[5].cloud_event(),
    "a place before the first": history(5)[4].cloud_event().replace(b'"position":5', b'"position":-1' + b"0" * 23),
    "a place that no number holds": history(6)[5].cloud_event().replace(b'"streamversion":6', b'"streamversion":6' + b"0" * 20),
    "a stream that no text holds": history(6)[5].cloud_event().replace(b'"streamid":"a-1"', b'"streamid":"a\\u0000"'),
    "more in itself than can be followed": history(6)[5].cloud_event().replace(b'{"said":""}', b"[" * 200_000 + b"]" * 200_000),
    "more than any event": history(6, said="x" * 600_000)[5].cloud_event(),
}


class InboxConformance:
    """Inbox: what follows is kept, what does not is named. `open_inbox` opens one empty inbox again and again, as processes would."""

    @pytest.fixture
    def open_inbox(self) -> OpenInbox:
        raise NotImplementedError(f"opens the same empty inbox of {NEIGHBOUR} again and again")

    def test_what_came_is_kept_byte_for_byte(self, open_inbox: OpenInbox) -> None:
        events = history(5)
        assert open_inbox().store(carried(events)) == 5
        again = open_inbox()
        assert [r.cloud_event() for r in all_of(again)] == [r.cloud_event() for r in events]
        assert [(r.position, r.stream, r.version, r.type) for r in again.read(3)] == [
            (r.position, r.stream, r.version, r.type) for r in events[3:]
        ]
        assert [r.version for r in again.stream("a-1", 2)] == [3, 4, 5]
        assert (again.head(), again.offset()) == (Head(5, events[-1].chain, AT), 5)
        assert [again.chain_at(position) for position in (4, 5, 6)] == [events[3].chain, events[4].chain, None]

    def test_what_was_seen_is_skipped_wherever_it_comes_again(self, open_inbox: OpenInbox) -> None:
        one, two, three, four = history(4)
        inbox = open_inbox()
        assert inbox.store(carried([one, two, one, two, three])) == 3
        assert inbox.store(carried([two, three, four, one], 5)) == 1
        assert (inbox.head().position, inbox.offset(), inbox.faults()) == (4, 9, [])

    def test_two_importers_at_once_store_everything_once(self, open_inbox: OpenInbox) -> None:
        events, start = history(300), Barrier(2, timeout=20)

        def bring(_: int) -> int:
            inbox = open_inbox()
            start.wait()
            return sum(inbox.store(carried(events[at : at + 20], at)) for at in range(0, 300, 20))

        with ThreadPoolExecutor(2) as pool:
            stored = list(pool.map(bring, range(2)))
        assert sum(stored) == 300
        assert [r.chain for r in all_of(open_inbox())] == [r.chain for r in events]

    @pytest.mark.parametrize("what", UNREADABLE)
    def test_what_is_no_event_of_the_log_stops_it_at_that_record(self, open_inbox: OpenInbox, what: str) -> None:
        events = history(6)
        batch = [*carried(events[:5], 40), (45, UNREADABLE[what]), (46, events[5].cloud_event())]
        inbox = open_inbox()
        for tried in range(2):  # again after a restart: it stands where it stood
            with pytest.raises(Unreadable, match="offset 45"):
                inbox.store(batch[5 * tried :])
            inbox = open_inbox()
            assert (inbox.head().position, inbox.offset()) == (5, 45)
        (fault,) = inbox.faults()
        assert (fault.kind, fault.offset, fault.ended) == ("unreadable", 45, None)
        assert "offset 45" in fault.words and "45" in fault.cure

    def test_a_missing_record_stops_it_until_the_record_comes(self, open_inbox: OpenInbox) -> None:
        one, two, three = history(3)
        inbox = open_inbox()
        with pytest.raises(LogGap, match="offset 1"):
            inbox.store(carried([one, three]))
        assert (inbox.head().position, inbox.offset()) == (1, 1)
        assert [(f.kind, f.offset, f.ended) for f in inbox.faults()] == [("gap", 1, None)]
        assert open_inbox().store(carried([two, three], 1)) == 2
        (fault,) = open_inbox().faults()
        assert fault.since is not None and fault.ended is not None

    def test_records_in_the_wrong_order_are_a_gap(self, open_inbox: OpenInbox) -> None:
        one, two = history(2)
        inbox = open_inbox()
        with pytest.raises(LogGap, match="offset 0"):
            inbox.store(carried([two, one]))
        assert inbox.head().position == 0

    def test_a_changed_record_is_a_fork(self, open_inbox: OpenInbox) -> None:
        one, two, three = history(3)
        inbox = open_inbox()
        with pytest.raises(LogFork, match="offset 1"):
            inbox.store([(0, one.cloud_event()), (1, forged(two)), (2, three.cloud_event())])
        assert (inbox.head().position, inbox.offset()) == (1, 1)
        assert [(f.kind, f.offset) for f in inbox.faults()] == [("fork", 1)]

    @pytest.mark.parametrize("again", ["the stream's last version", "a version of the same batch"])
    def test_what_follows_and_is_no_event_of_its_stream_is_a_fork_and_what_came_before_it_stays(
        self, open_inbox: OpenInbox, again: str
    ) -> None:
        one, two, three, four = history(4)
        (sly,) = seal_all(Head(3, three.chain, AT), [new(NEIGHBOUR, "a-1", 1 if again.startswith("the") else 3, "sly")])
        inbox = open_inbox()
        inbox.store(carried([one, two]))
        records = [(6, three.cloud_event()), (7, sly.cloud_event()), (8, four.cloud_event())]
        for since in (0, 1):
            with pytest.raises(LogFork, match="offset 7"):
                inbox.store(records[since:])
            inbox = open_inbox()
            assert (inbox.head().position, inbox.offset()) == (3, 7)
        assert [(f.kind, f.offset) for f in inbox.faults()] == [("fork", 7)] and inbox.pass_over(7)
        assert open_inbox().store(records[1:]) == 1

    @pytest.mark.parametrize("apart", [True, False])
    def test_another_history_of_what_is_here_is_a_fork(self, open_inbox: OpenInbox, apart: bool) -> None:
        ours, other = history(4), history(4, said="otherwise")
        inbox = open_inbox()
        if apart:
            inbox.store(carried(ours[:3]))
        with pytest.raises(LogFork, match="offset 3"):
            inbox.store(carried([*([] if apart else ours[:3]), other[1]], 3 if apart else 0))
        with pytest.raises(LogFork):
            open_inbox().store(carried(other[3:], 3))
        assert [r.chain for r in all_of(open_inbox())] == [r.chain for r in ours[:3]]

    def test_an_event_in_a_version_nobody_knows_is_kept_for_who_will(self, open_inbox: OpenInbox) -> None:
        made = new(NEIGHBOUR, "a-1", 1, "later")
        newer = New("a-1", 1, "testing.thing.happened.v99", lambda position: made.seal(position).replace(b"happened.v1", b"happened.v99"))
        inbox = open_inbox()
        assert inbox.store(carried(seal_all(Head(0, genesis(NEIGHBOUR), None), [newer]))) == 1
        assert [r.type for r in inbox.read(0)] == ["testing.thing.happened.v99"]

    def test_a_person_passes_over_what_is_not_of_the_log(self, open_inbox: OpenInbox) -> None:
        one, two = history(2)
        records = [(0, one.cloud_event()), (1, forged(two)), (2, two.cloud_event())]
        inbox = open_inbox()
        with pytest.raises(LogFork):
            inbox.store(records)
        assert [inbox.pass_over(offset) for offset in (0, 1, 2)] == [False, True, False]
        assert open_inbox().store(records[1:]) == 1
        assert (open_inbox().head().position, open_inbox().offset()) == (2, 3)
        assert [fault.ended is None for fault in open_inbox().faults()] == [False]

    def test_passing_over_a_true_record_is_noticed_at_the_next(self, open_inbox: OpenInbox) -> None:
        one, two, three = history(3)
        inbox = open_inbox()
        with pytest.raises(LogGap):
            inbox.store(carried([two, three]))
        assert inbox.pass_over(0)
        with pytest.raises(LogGap, match="offset 1"):
            open_inbox().store(carried([two, three]))
        assert open_inbox().head().position == 0
        assert open_inbox().store(carried([one, two, three], 2)) == 3

    def test_a_topic_that_was_made_again_is_read_again_and_that_is_noted(self, open_inbox: OpenInbox) -> None:
        events = history(5)
        inbox = open_inbox()
        with pytest.raises(Unreadable):
            inbox.store([*carried(events[:3], 70), (73, b"noise")])
        assert inbox.pass_over(73)
        inbox.rewind(0, "the topic was emptied")
        inbox = open_inbox()
        assert inbox.offset() == 0
        assert [(f.kind, f.offset, f.words) for f in inbox.faults() if f.ended is None] == [("restarted", 0, "the topic was emptied")]
        assert inbox.store(carried(events)) == 2
        assert (inbox.head().position, inbox.offset(), [f.ended is None for f in inbox.faults()]) == (5, 5, [False, False])
        with pytest.raises(Unreadable, match="offset 73"):  # what was passed over lay on the other topic
            open_inbox().store([(73, b"noise")])
