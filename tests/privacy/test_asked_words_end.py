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
from services.privacy.events.duties import (
    Right,
    RightsRequestDecided,
    RightsRequestDone,
    RightsRequestReceived,
    RightsWordsDestroyed,
)
from services.privacy.policies.asking import when_somebody_asks_for_themself_then_their_identity_is_known as known_then
from shared.handling.declare import Start
from shared.kernel.errors import Destroyed, RuleBroken
from tests.privacy import world
from tests.privacy.node import Node, running
from tests.privacy.test_following import told
from tests.privacy.world import OFFICER, RULES, SYS, VOLUNTEER, Streams
from tests.support import Post, problem

DPO = Post("C.DPO", "DPO", "150700")
SAID = {"right": "copy", "text": "all of mine", "name": "Secretly Sarnai", "contact": "13911112222", "division": "150722"}
KEPT = RULES.value("privacy.rights_words")


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


@pytest.mark.parametrize("outcome", ["granted", "refused"])
def test_words_end_so_long_after_the_decision_also_where_nobody_notes_what_follows(streams: Streams, outcome: str) -> None:
    received(streams)
    checked(streams)
    (clock,) = decided(streams, outcome).clocks
    assert clock.due_at - streams.now == KEPT
    escalate = {"request": "RQ-1", "key": clock.key}
    ((_, fact),) = streams.do(rights.EscalateRightsClock, SYS, **escalate, now=clock.due_at).events
    assert isinstance(fact, RightsWordsDestroyed) and fact.ref == "r-1"
    streams.refused(rights.ReadRightsRequest, OFFICER, Destroyed, "PIPL-19", request="RQ-1")
    ((_, later),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1", now=clock.due_at).events
    assert later.clocks == (), "what is gone has no end any more"


def test_they_are_kept_as_long_again_once_it_was_carried_out(streams: Streams) -> None:
    received(streams)
    checked(streams)
    first, streams.now = decided(streams).clocks[0].due_at, streams.now + timedelta(days=9)
    ((_, fact),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1").events
    escalate = {"request": "RQ-1", "key": fact.clocks[0].key}
    assert streams.do(rights.EscalateRightsClock, SYS, **escalate, now=first).events == []
    assert streams.do(rights.EscalateRightsClock, SYS, **escalate, now=first + timedelta(days=9)).events != []


def test_what_was_decided_before_facts_said_so_ends_too(streams: Streams) -> None:
    received(streams)
    checked(streams)
    old = replace(decided(streams), words=None, clocks=())
    streams.past["rights-RQ-1"][-1] = old
    (started,) = due(old, structs.replace(told(), streamid="rights-RQ-1"))
    assert isinstance(started, Start) and started.due_at == old.at + KEPT
    ((_, fact),) = streams.do(rights.EscalateRightsClock, SYS, **started.args, now=started.due_at).events
    assert isinstance(fact, RightsWordsDestroyed)
    assert len(list(due(replace(old, words=False), told()))) == 0


@pytest.mark.parametrize(("moment", "run"), [("00:59", 1), ("01:00", 2), ("23:00", 2)])
def test_the_vault_destroys_what_is_due_by_one_moment_of_the_day(streams: Streams, moment: str, run: int) -> None:
    received(streams)
    checked(streams)
    key = decided(streams).clocks[0].key
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
