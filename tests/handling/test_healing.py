"""A log restored from an older backup takes its own later events back, and nothing happens twice afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from shared.handling import healing
from shared.handling.healing import heal, lacks_healing, mark_healed, mark_restored
from shared.kernel.envelope import Recorded, link, seal
from shared.kernel.errors import LogFork, LogGap
from shared.testing.facts import all_of, put, run_of
from tests.handling.desk import NAME, NOW, Desk, backed_up, dry, same
from tests.handling.test_policies import SIMPLE, lines
from tests.hosts.depot import CLERK, Issue, Move, Reserve


class Listed:
    """What was carried of a log: some of its records, as a topic or an inbox gives them."""

    def __init__(self, records, name=NAME) -> None:
        self.name, self.records = name, list(records)

    def read(self, after, limit=1000):
        return [recorded for recorded in self.records if recorded.position > after][:limit]


MOVE = Move(by=CLERK, now=NOW, item="tent", to="water", quantity=2)


def test_what_was_carried_comes_back_byte_for_byte(lost):
    went_on, restored = lost
    before = restored.log.head().position
    healed = heal(restored.log, went_on.log)
    assert same(went_on, restored) and verify(restored.log).fault is None
    assert restored.log.head() == went_on.log.head()
    assert (healed.before, healed.position, healed.cut) == (before, went_on.log.head().position, None)


def test_a_key_used_after_the_backup_gets_its_first_answer(lost):
    went_on, restored = lost
    heal(restored.log, went_on.log)
    for first in (101, 102, 103):
        id = UUID(int=first)
        told = went_on.results[id][-1]
        command = Issue(by=CLERK, now=restored.now, item="tent", quantity=4)
        again = restored.do(command, id=id)
        assert again == msgspec.structs.replace(told, repeated=True, flags=(), extra={}), "but for what no event says"
    assert same(went_on, restored)


def test_a_policy_that_reacts_again_has_no_second_effect(lost):
    went_on, restored = lost
    heal(restored.log, went_on.log)
    runner = restored.runner()
    assert runner.position < went_on.log.head().position, "its cursor is as old as the backup"
    dry(runner.step, restored.writer.step)
    assert runner.position == restored.log.head().position
    assert same(went_on, restored)
    restored.receive(1, id=UUID(int=900))
    dry(runner.step, restored.writer.step)
    assert lines(restored)[-1] == f"{NAME}:{went_on.log.head().position + 1}", "and it goes on reacting"


def test_a_deadline_that_passed_after_the_backup_fires_once(tmp_path):
    desk = Desk(tmp_path / "lost")
    desk.receive()
    desk.do(Reserve(by=CLERK, now=desk.now, item="tent", ref="R-1", quantity=2, until=desk.now + timedelta(hours=1)))
    backed_up(desk, tmp_path / "restored")
    went_on, restored = Desk(tmp_path / "lost"), Desk(tmp_path / "restored")
    for node in (went_on, restored):
        node.later(hours=2)
    fire(went_on)
    assert went_on.types[-1] == "freed" and restored.types[-1] == "reserved"
    heal(restored.log, went_on.log)
    fire(restored)
    assert same(went_on, restored)


def fire(desk: Desk) -> None:
    reader = desk.reader()
    dry(reader.step)
    dry(desk.timers(reader).step, desk.writer.step)


def test_a_command_over_several_streams_comes_back_whole(tmp_path):
    desk = Desk(tmp_path / "lost")
    desk.receive()
    backed_up(desk, tmp_path / "restored")
    went_on, restored = Desk(tmp_path / "lost"), Desk(tmp_path / "restored")
    command = Move(by=CLERK, now=desk.now, item="tent", to="water", quantity=2)
    told = went_on.do(command, id=UUID(int=50))
    assert heal(restored.log, went_on.log).cut is None
    again = restored.do(command, id=UUID(int=50))
    assert (again.stream, again.version, again.position, again.events) == ("item-tent", 2, 3, told.events) and again.repeated


@pytest.fixture
def halved(tmp_path):
    """(the desk that moved something, the desk that got back the first of the two events, and how)."""
    went_on, restored = Desk(tmp_path / "lost"), Desk(tmp_path / "restored")
    went_on.receive()
    went_on.do(MOVE, id=UUID(int=50))
    return went_on, restored, heal(restored.log, Listed(all_of(went_on.log)[:2]))


def test_a_command_of_which_only_a_part_was_carried_is_named(halved):
    _, _, healed = halved
    assert healed.position == 2
    named = f"only 1 of its 2 events came back: command {UUID(int=50)} of CLERK; look at item-tent"
    assert healed.cut is not None and healed.cut.startswith(named)


def test_a_command_of_which_two_sources_have_a_part_each_comes_back_whole(halved):
    went_on, restored, _ = halved
    told = went_on.results[UUID(int=50)][-1]
    healed = heal(restored.log, Listed(all_of(went_on.log)[2:]))
    assert (healed.events, healed.commands, healed.cut) == (1, 1, None)
    again = restored.do(MOVE, id=UUID(int=50))
    assert again == msgspec.structs.replace(told, repeated=True, flags=(), extra={}) and same(went_on, restored)


def test_a_command_that_stays_cut_in_two_does_nothing_more_once_the_log_is_open_again(halved):
    _, restored, _ = halved
    for _ in range(2):
        mark_healed(restored.log)
    assert (restored.do(MOVE, id=UUID(int=50)).repeated, restored.log.head().position) == (True, 2)


def test_what_was_never_carried_is_not_healed_and_nothing_is_wrong(lost):
    went_on, restored = lost
    before = restored.log.head()
    for carried in (Listed([]), Listed(all_of(went_on.log)[:2]), restored.log):
        assert heal(restored.log, carried).events == 0
    assert restored.log.head() == before


def test_an_empty_log_is_healed_from_the_first_event_on(lost, tmp_path):
    went_on, _ = lost
    empty = SqliteLog(tmp_path / "new.db", NAME)
    assert heal(empty, went_on.log).position == went_on.log.head().position
    assert all_of(empty)[-1].chain == went_on.log.head().chain


def test_what_was_carried_may_begin_right_behind_the_backup_but_not_later(lost):
    went_on, restored = lost
    at = restored.log.head().position
    with pytest.raises(LogGap, match=f"ends at {at}; what was carried begins at {at + 2}"):
        heal(restored.log, Listed(all_of(went_on.log)[at + 1 :]))
    assert heal(restored.log, Listed(all_of(went_on.log)[at:])).events and same(went_on, restored)


def test_a_log_that_was_written_to_before_is_another_history_and_both_are_shown(lost):
    went_on, restored = lost
    at = restored.log.head().position + 1
    restored.receive(1, id=UUID(int=900))
    head = restored.log.head()
    with pytest.raises(LogFork, match=f"part at position {at}: here depot.item.received.v1 of item-tent@3 .* there depot.item"):
        heal(restored.log, went_on.log)
    assert restored.log.head() == head


def test_a_log_that_is_written_to_meanwhile_stops_the_healing(lost, monkeypatch):
    went_on, restored = lost
    monkeypatch.setattr(healing, "CHUNK", 1)
    other = Desk(restored.folder, SIMPLE)
    with pytest.raises(LogFork, match="while it was healed: stop every process"):
        heal(restored.log, went_on.log, progress=lambda position: other.receive(1, id=UUID(int=900)))


def forged(last: Recorded) -> Recorded:
    at = last.envelope
    record = seal(msgspec.structs.replace(at, id=f"{NAME}:{last.position + 1}", position=last.position + 1, streamversion=last.version + 1))
    return Recorded(last.position + 1, last.stream, last.version + 1, last.type, record, link(b"another chain", record))


def test_what_comes_before_a_forged_record_is_healed_and_the_forgery_is_refused(lost):
    went_on, restored = lost
    events = all_of(went_on.log)
    with pytest.raises(LogFork, match=f"position {len(events) + 1}: the record does not follow"):
        heal(restored.log, Listed([*events, forged(events[-1])]))
    assert same(went_on, restored)


def test_a_healing_that_was_broken_off_goes_on_where_it_was(lost, monkeypatch):
    went_on, restored = lost
    monkeypatch.setattr(healing, "CHUNK", 1)
    steps = []

    def dies(position):
        steps.append(position)
        raise KeyboardInterrupt

    while restored.log.head().position < went_on.log.head().position:
        try:
            heal(restored.log, went_on.log, dies)
        except KeyboardInterrupt:
            assert verify(restored.log).fault is None
    assert len(steps) == 5 and same(went_on, restored)
    runner = restored.runner()
    dry(runner.step, restored.writer.step)
    assert same(went_on, restored), "the outcomes came with the events of every part"


def test_events_without_a_command_come_back_too(tmp_path):
    """As the first release wrote a policy's: their outcome is not known, they are."""
    log, restored = (SqliteLog(tmp_path / f"{name}.db", NAME) for name in ("lost", "restored"))
    put(log, *run_of(NAME, "a-1", 1, 3))
    healed = heal(restored, log)
    assert (healed.position, healed.commands) == (3, 0) and verify(restored).fault is None


def test_a_restored_log_waits_for_healing(lost):
    _, restored = lost
    assert not lacks_healing(restored.log)
    mark_restored(restored.log)
    assert lacks_healing(restored.log)
    mark_healed(restored.log)
    assert not lacks_healing(restored.log)
