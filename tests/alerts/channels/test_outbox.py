"""What is queued goes out at least once and is told to the log once, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.alerts.events.reach import Channel, Delivery
from services.alerts.events.registers import Recipient
from shared.handling.pending import Busy
from shared.reach.outbox import PATIENCE
from shared.reach.ports import Outcome
from shared.sql.ports import StorageFailed
from tests.alerts.channels.office import HOOKED, MAILED, Crash, Office
from tests.alerts.world import IDENTIFIER, RAIN, RULES

WAITS = RULES.value("channel.retry_waits")
AWAY = Outcome(Delivery.QUEUED, "mail server not reached (TimeoutError)")
SENT = [("queued", ""), ("sent", "")]


@pytest.fixture
def office(tmp_path, database):
    return Office(tmp_path, database)


def test_what_is_queued_goes_out_and_the_log_is_told(office):
    office.publish(MAILED, HOOKED)
    office.run()
    assert office.carrier.got == [("T.XW", IDENTIFIER), ("DAM.YA", IDENTIFIER)]
    assert office.states() == office.states("DAM.YA") == SENT
    *_, queued, _, last = office.log.read(0)
    assert (last.envelope.actor, last.envelope.causationid) == ("SYS.OUTBOX", queued.id)
    office.run()
    office.restart()
    office.run()
    assert len(office.carrier.got) == 2 and len(office.told()) == 4


def test_a_letter_that_could_not_be_kept_is_read_again(office, monkeypatch):
    queue = office.outbox._queue
    take = queue.take

    def fails(*_):
        monkeypatch.setattr(queue, "take", take)
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(queue, "take", fails)
    office.publish(MAILED)
    with pytest.raises(StorageFailed):
        office.run()
    office.run()
    assert office.states() == SENT


def test_what_a_person_carries_waits_for_a_person(office):
    office.publish(Recipient("A", Channel.LINK), Recipient("B", Channel.LIST), Recipient("C", Channel.IN_APP))
    office.run()
    assert office.carrier.got == []
    assert [office.states(name) for name in "ABC"] == [[("queued", "")], [("queued", "")], [("delivered", "")]]


def test_a_crash_while_sending_sends_again_and_tells_once(office):
    office.publish(MAILED)
    office.at_once = False
    while not office.started:
        office.outbox.step()
    office.started[0]()  # it was sent, and the process ends before it could be noted
    office.restart()
    office.at_once = True
    office.run()
    assert len(office.carrier.got) == 2
    assert office.states() == SENT


@pytest.mark.parametrize("stored", [False, True], ids=["before its commit", "after its commit"])
def test_a_crash_around_the_report_neither_loses_nor_doubles_it(office, stored):
    office.publish(MAILED)

    def crash(pending):
        if stored:
            pending.done = lambda result: None  # the answer reaches nobody
            office.writer.submit(pending)
            office.writer.step()
        raise Crash

    office.submit = crash
    with pytest.raises(Crash):
        office.run()
    assert len(office.states()) == 1 + stored
    office.restart()
    office.submit = office.writer.submit
    office.run()
    assert len(office.carrier.got) == 1
    assert office.states() == SENT


def test_a_report_that_was_not_decided_is_made_again(office):
    office.publish(MAILED)
    answers = [Busy(), OSError("disk full")]

    def moody(pending):
        if not answers:
            return office.writer.submit(pending)
        answer = answers.pop(0)
        if isinstance(answer, Busy):
            raise answer
        return pending.done(answer)

    office.submit = moody
    for _ in range(6):
        office.run()
    assert answers == []
    assert office.states() == SENT and len(office.carrier.got) == 1


def test_a_lost_outbox_is_made_anew_from_the_log(office, databases):
    office.publish(MAILED, HOOKED)
    office.carrier.says = [Outcome(Delivery.SENT), AWAY]
    office.run()
    databases.drop(office.stored.name.rpartition(".")[2])
    office.stored = databases.at("one")
    office.restart()
    office.run()
    assert [recipient for recipient, _ in office.carrier.got] == ["T.XW", "DAM.YA", "DAM.YA"]
    assert office.states() == office.states("DAM.YA") == SENT


def test_what_may_pass_is_tried_again_after_longer_and_longer_waits_and_then_has_failed(office):
    office.publish(MAILED)
    office.carrier.says = [AWAY] * 99
    office.run()
    for n, wait in enumerate(WAITS, 1):
        office.wall += timedelta(seconds=wait - 0.01)
        office.run()
        assert len(office.carrier.got) == n
        office.wall += timedelta(seconds=0.01)
        office.run()
        assert len(office.carrier.got) == n + 1
    assert office.states()[1:] == [("failed", f"{AWAY.detail}; given up after {len(WAITS) + 1} attempts")]
    office.wall += timedelta(days=1)
    office.run()
    assert len(office.carrier.got) == len(WAITS) + 1
    assert list(WAITS) == sorted(WAITS)


def test_attempts_are_counted_across_restarts(office):
    office.publish(MAILED)
    office.carrier.says = [AWAY] * 99
    for _ in range(len(WAITS) + 3):
        office.run()
        office.restart()
        office.wall += timedelta(days=1)
    assert len(office.carrier.got) == len(WAITS) + 1


def test_what_fails_for_good_is_told_with_its_cure_and_not_tried_again(office):
    office.publish(MAILED)
    office.carrier.says = [Outcome(Delivery.FAILED, "no address: give one")]
    office.run()
    assert office.states() == [("queued", ""), ("failed", "no address: give one")]
    assert len(office.carrier.got) == 1


def test_a_fault_of_our_own_counts_as_an_attempt(office):
    office.publish(MAILED)
    office.carrier.says = [ZeroDivisionError()]
    office.run()
    assert len(office.states()) == 1
    office.wall += timedelta(seconds=WAITS[0])
    office.run()
    assert office.states() == SENT


def test_whoever_cannot_be_reached_holds_up_nobody_else(office):
    office.publish(MAILED, HOOKED)
    office.carrier.says = [AWAY]
    office.run()
    assert office.states() == [("queued", "")]
    assert office.states("DAM.YA") == SENT


def test_so_many_attempts_at_once_and_one_to_each_recipient(office):
    office.at_once = False
    office.publish(*(Recipient(f"R.{n}", Channel.MAIL) for n in range(20)))
    office.run()
    assert len(office.started) == 8
    for work in office.started:
        work()
    office.started.clear()
    office.run()
    assert len(office.started) == 8


def test_an_attempt_that_never_ends_takes_no_place_away_from_others(office):
    office.at_once = False
    office.publish(*(Recipient(f"R.{n}", Channel.MAIL) for n in range(10)))
    office.run()
    stuck = list(office.started)
    office.started.clear()
    office.wall += PATIENCE + timedelta(milliseconds=1)
    office.run()
    assert len(stuck) == 8 and len(office.started) == 2
    for work in (*office.started, stuck[0]):
        work()  # late is better than never
    office.run()
    assert [office.states(f"R.{n}") for n in (0, 8, 9)] == [SENT] * 3


def test_a_newer_message_takes_the_place_of_one_that_was_not_sent_yet(office):
    office.publish(MAILED)
    office.carrier.says = [AWAY]
    office.run()
    update = office.adjust()
    office.run()
    assert office.carrier.got == [("T.XW", IDENTIFIER), ("T.XW", update)]
    outcome = {(event.identifier, event.state.value): event.detail for event in office.told()}
    assert outcome[IDENTIFIER, "failed"] == "not sent: a newer one about the same took its place"
    assert (update, "sent") in outcome and (update, "failed") not in outcome


def test_what_was_on_its_way_is_told_of_its_own_message(office):
    office.publish(MAILED)
    office.at_once = False
    office.run()
    update = office.adjust()
    office.run()
    assert len(office.started) == 1, "the newer one waits for its turn"
    office.started.pop()()
    office.run()
    office.started.pop()()
    office.run()
    assert [(e.identifier, e.state.value) for e in office.told()] == [
        (IDENTIFIER, "queued"),
        (update, "queued"),
        (IDENTIFIER, "sent"),
        (update, "sent"),
    ]


def test_a_warning_whose_validity_has_passed_is_not_sent_any_more(office):
    office.publish(MAILED)
    office.now = RAIN.valid_to
    office.run()
    assert office.carrier.got == []
    assert office.states()[1:] == [("failed", "not sent: the validity of the warning had passed")]


def test_a_message_not_issued_yet_is_waited_for_and_never_for_ever(office):
    office.publish(MAILED)
    bulletin = office.issued.pop(IDENTIFIER)
    office.run()
    assert office.states() == [("queued", "")]
    office.issued[IDENTIFIER] = bulletin
    office.wall += timedelta(seconds=WAITS[0])
    office.run()
    assert office.states() == SENT


def test_a_message_that_is_never_issued_fails(office):
    office.publish(MAILED)
    office.issued.clear()
    for _ in range(len(WAITS) + 1):
        office.run()
        office.wall += timedelta(days=1)
    assert office.states()[1][0] == "failed"
