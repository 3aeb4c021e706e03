"""Name, contact and words of a rights request end some time after it is decided, in the vault and in its backups (PIPL art. 19, 47)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from services.privacy.clocks import due
from services.privacy.custodian import Custodian
from services.privacy.deciders.duties import rights
from services.privacy.deciders.records.commands import LockPersonalData, ReleaseLock
from services.privacy.events.clock import ClockMissed
from services.privacy.events.duties import (
    Right,
    RightsRequestDecided,
    RightsRequestDone,
    RightsRequestReceived,
    RightsWordsDestroyed,
)
from services.privacy.events.words import RightsWordsHeld, RightsWordsKept
from services.privacy.policies.asking import when_a_lock_is_lifted_then_the_words_that_it_kept_end as lifted_then
from services.privacy.policies.asking import when_somebody_asks_for_themself_then_their_identity_is_known as known_then
from shared.blocks.clocks import Due
from shared.handling.declare import Start
from shared.kernel.errors import Destroyed, NotFound, RuleBroken, WrongState
from tests.privacy import world
from tests.privacy.node import Node, running
from tests.privacy.test_following import told
from tests.privacy.world import LEGAL, OFFICER, RULES, SYS, VOLUNTEER, Streams
from tests.support import Post, problem

DPO = Post("C.DPO", "DPO", "150700")
SAID = {"right": "copy", "text": "all of mine", "name": "Secretly Sarnai", "contact": "13911112222", "division": "150722"}
KEY = "privacy.rights_words"
KEPT, REFUSED = RULES.value(KEY), RULES.value("privacy.rights_refused")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with running(tmp_path / "data", monkeypatch) as made:
        yield made


@pytest.fixture
def streams() -> Streams:
    return Streams()


def received(streams: Streams, **said: Any) -> RightsRequestReceived:
    whole = {"request": "RQ-1", "subject": None, "right": Right.COPY, "digest": "r-1"} | said
    ((_, fact),) = streams.do(rights.ReceiveRightsRequest, whole.pop("by", VOLUNTEER), **whole).events
    assert isinstance(fact, RightsRequestReceived)
    return fact


def checked(streams: Streams, **said: Any) -> None:
    streams.do(rights.CheckRequestIdentity, OFFICER, request="RQ-1", **{"confirmed": True, "how": "card seen"} | said)


def decided(streams: Streams, outcome: str = "granted") -> RightsRequestDecided:
    why = {} if outcome == "granted" else {"reasons": "not theirs", "remedy": "the court"}
    ((_, fact),) = streams.do(rights.DecideRightsRequest, world.DPO, request="RQ-1", outcome=outcome, **why).events
    assert isinstance(fact, RightsRequestDecided)
    return fact


def done(streams: Streams) -> RightsRequestDone:
    decided(streams)
    ((_, fact),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1").events
    assert isinstance(fact, RightsRequestDone)
    return fact


def ends(streams: Streams, clock: Due | None = None, now: datetime | None = None) -> list[Any]:
    """What the timer is told when the time of the words is over."""
    key, due_at = (clock.key, clock.due_at) if clock else (KEY, streams.now)
    return [fact for _, fact in streams.do(rights.EscalateRightsClock, SYS, request="RQ-1", key=key, now=now or due_at).events]


def lock(streams: Streams, subject: str, name: str = "LK-1") -> None:
    said = {"reason": "lawsuit", "basis": "PIPL-47", "until": streams.now + 999 * DAY}
    streams.do(LockPersonalData, LEGAL, subject=subject, lock=name, **said)


def lifted(streams: Streams, subject: str, now: datetime, name: str = "LK-1") -> list[Any]:
    """What follows from it."""
    ((_, fact),) = streams.do(ReleaseLock, LEGAL, subject=subject, lock=name, reason="over", now=now).events
    return [one for follows in lifted_then(fact, structs.replace(told(), time=now)) for _, one in streams.handle(follows).events]


@pytest.mark.parametrize("outcome", ["granted", "partly"])
def test_words_of_what_was_granted_stay_until_it_is_carried_out(streams: Streams, outcome: str) -> None:
    received(streams)
    checked(streams)
    (clock,) = decided(streams, outcome).clocks
    assert clock.due_at - streams.now == KEPT
    (fact,) = ends(streams, clock)
    assert isinstance(fact, ClockMissed) and fact.key == clock.key, "somebody is told"
    assert ends(streams, clock, clock.due_at + 300 * DAY) == []
    streams.now = clock.due_at + 300 * DAY
    streams.do(rights.ReadRightsRequest, OFFICER, request="RQ-1")
    ((_, done),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1").events
    assert done.clocks[0].due_at - streams.now == (KEPT if outcome == "granted" else REFUSED), "what was refused of it can be contested"
    assert isinstance(ends(streams, done.clocks[0])[0], RightsWordsDestroyed)


def test_words_of_what_was_refused_stay_while_it_can_be_contested(streams: Streams) -> None:
    received(streams)
    checked(streams)
    (clock,) = decided(streams, "refused").clocks
    assert clock.due_at - streams.now == REFUSED > timedelta(days=183)
    assert ends(streams, clock, clock.due_at - SECOND) == []
    streams.do(rights.ReadRightsRequest, OFFICER, request="RQ-1", now=clock.due_at - SECOND)
    streams.refused(rights.ReadRightsRequest, OFFICER, Destroyed, "PIPL-19", request="RQ-1", now=clock.due_at)
    (fact,) = ends(streams, clock)
    assert isinstance(fact, RightsWordsDestroyed) and fact.ref == "r-1"
    streams.refused(rights.ReadRightsRequest, OFFICER, Destroyed, "PIPL-19", request="RQ-1")
    ((_, later),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1", now=clock.due_at).events
    assert later.clocks == (), "what is gone has no end any more"


def test_what_was_refused_counts_anew_from_when_it_was_told(streams: Streams) -> None:
    received(streams)
    checked(streams)
    first, streams.now = decided(streams, "refused").clocks[0], streams.now + timedelta(days=9)
    ((_, fact),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1").events
    assert ends(streams, first) == []
    assert isinstance(ends(streams, fact.clocks[0], first.due_at + timedelta(days=9))[0], RightsWordsDestroyed)


def test_who_answered_is_told_that_the_words_are_gone_by_the_clock_alone(streams: Streams) -> None:
    received(streams)
    checked(streams)
    (clock,) = done(streams).clocks
    streams.refused(rights.ReadRightsRequest, OFFICER, WrongState, "PIPL-6", request="RQ-1", now=clock.due_at - SECOND)
    streams.refused(rights.ReadRightsRequest, OFFICER, Destroyed, "PIPL-19", request="RQ-1", now=clock.due_at)


@pytest.mark.parametrize("locked", ["V-A", "RQ-1"])
def test_what_is_locked_stays_until_the_lock_is_lifted(streams: Streams, locked: str) -> None:
    world.registered(streams, "V-A")
    received(streams, subject="V-A", division="150722")
    checked(streams)
    (clock,) = decided(streams, "refused").clocks
    lock(streams, locked)
    (held,) = ends(streams, clock)
    assert isinstance(held, RightsWordsHeld) and held.subject == locked
    assert ends(streams, clock) == [], "said once"
    assert streams.state(f"person-{locked}").division == "150722", "whoever may lift it is there"
    later = clock.due_at + 99 * DAY
    streams.do(rights.ReadRightsRequest, OFFICER, request="RQ-1", now=later)
    (fact,) = lifted(streams, locked, later)
    assert isinstance(fact, RightsWordsDestroyed) and fact.at == later
    assert lifted_then(streams.past[f"person-{locked}"][-1], told()) and ends(streams, clock) == []


def test_it_stays_while_anything_locks_it(streams: Streams) -> None:
    world.registered(streams, "V-A")
    received(streams, subject="V-A")
    checked(streams)
    (clock,) = decided(streams, "refused").clocks
    lock(streams, "V-A")
    lock(streams, "V-A", "LK-2")
    assert len(ends(streams, clock)) == 1
    lock(streams, "RQ-1")
    assert lifted(streams, "V-A", clock.due_at) == [], "another lock of the same person"
    (held,) = lifted(streams, "V-A", clock.due_at, "LK-2")
    assert isinstance(held, RightsWordsHeld) and held.subject == "RQ-1"
    assert isinstance(lifted(streams, "RQ-1", clock.due_at)[0], RightsWordsDestroyed)


def test_what_is_neither_held_nor_asked_is_not_locked(streams: Streams) -> None:
    said = {"subject": "RQ-9", "lock": "LK-1", "reason": "lawsuit", "basis": "PIPL-47", "until": streams.now + DAY}
    streams.refused(LockPersonalData, LEGAL, NotFound, "reference", **said)


@pytest.mark.parametrize(("outcome", "time"), [("refused", REFUSED), ("granted", KEPT)])
def test_the_time_of_an_older_decision_begins_with_the_first_look(streams: Streams, outcome: str, time: timedelta) -> None:
    received(streams)
    checked(streams)
    old = replace(decided(streams, outcome), words=None, clocks=())
    streams.past["rights-RQ-1"][-1] = old
    (started,) = due(old, structs.replace(told(), streamid="rights-RQ-1"))
    assert isinstance(started, Start) and started.due_at == old.at
    streams.now += 400 * DAY
    ((_, fact),) = streams.do(rights.EscalateRightsClock, SYS, **started.args).events
    assert isinstance(fact, RightsWordsKept) and fact.clocks[0].due_at == streams.now + time, "no surprise after an upgrade"
    assert ends(streams) == []
    (end,) = ends(streams, fact.clocks[0])
    assert isinstance(end, RightsWordsDestroyed if outcome == "refused" else ClockMissed)
    assert len(list(due(replace(old, words=False), told()))) == 0


def test_what_was_done_before_facts_said_so_has_an_end_too(streams: Streams) -> None:
    received(streams)
    checked(streams)
    done(streams)
    streams.past["rights-RQ-1"][-2:] = [replace(one, clocks=()) for one in streams.past["rights-RQ-1"][-2:]]
    (fact,) = ends(streams)
    assert isinstance(fact, RightsWordsKept) and fact.clocks[0].due_at == streams.now + KEPT


@pytest.mark.parametrize(("moment", "run"), [("00:59", 1), ("01:00", 2), ("23:00", 2)])
def test_the_vault_destroys_what_is_due_by_one_moment_of_the_day(streams: Streams, moment: str, run: int) -> None:
    received(streams)
    checked(streams)
    key = done(streams).clocks[0].key
    now = datetime.fromisoformat(f"2021-09-01T{moment}:00+08:00").astimezone(UTC)
    ((_, fact),) = streams.do(rights.EscalateRightsClock, SYS, request="RQ-1", key=key, now=now).events
    assert fact.run == datetime.fromisoformat(f"2021-09-0{run}T01:00:00+08:00")


def test_words_end_so_long_after_the_request_is_done_and_once(streams: Streams) -> None:
    received(streams)
    checked(streams)
    (clock,) = done(streams).clocks
    assert clock.due_at - streams.now == KEPT
    early = {"request": "RQ-1", "key": clock.key}
    assert streams.do(rights.EscalateRightsClock, SYS, **early).events == []
    ((_, fact),) = streams.do(rights.EscalateRightsClock, SYS, **early, now=clock.due_at).events
    assert isinstance(fact, RightsWordsDestroyed) and (fact.ref, fact.met) == ("r-1", (clock.key,))
    assert streams.do(rights.EscalateRightsClock, SYS, **early, now=clock.due_at).events == []


def test_without_words_there_is_nothing_to_end(streams: Streams) -> None:
    received(streams, digest="")
    checked(streams)
    assert done(streams).clocks == ()


def test_whoever_checks_names_the_person_unless_it_was_received_for_another(streams: Streams) -> None:
    received(streams)
    wrong = {"request": "RQ-1", "confirmed": False, "how": "no card", "subject": "V-A"}
    assert streams.refused(rights.CheckRequestIdentity, OFFICER, RuleBroken, "PIPL-50", **wrong).failures[0].field == "subject"
    checked(streams, subject="V-A")
    checked(streams)
    assert streams.state("rights-RQ-1").subject == "V-A", "checked again, it is about the same person"
    checked(streams, subject="V-B")
    assert streams.state("rights-RQ-1").subject == "V-B", "a slip is mended until it is decided"
    other = Streams()
    received(other, subject="V-A")
    other.refused(rights.CheckRequestIdentity, OFFICER, RuleBroken, "PIPL-50", **wrong | {"confirmed": True, "subject": "V-B"})
    checked(other, subject="V-A")


def test_a_stranger_who_calls_themself_as_strangers_are_signed_is_nobody(streams: Streams) -> None:
    forged = received(streams, subject="PUBLIC", by=type(SYS)("PUBLIC", ("PUBLIC",)))
    assert forged.by == forged.subject and not list(known_then(forged, told()))
    assert list(known_then(received(Streams(), subject="V-A"), told()))


def test_words_that_are_still_to_come_are_waited_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Custodian, "step", lambda _: False)
    made = node.done("rights-requests", DPO, SAID)
    vault = node.opened.host.vault
    assert vault is not None
    with vault._content.pool.transaction() as db:
        db.execute("DELETE FROM reference")
    number = made["stream"].removeprefix("rights-")
    problem(node.post(f"rights-requests/{number}/reading", DPO), 503, "behind", "vault.pending")
