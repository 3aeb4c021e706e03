"""Name, contact and words of a rights request end some time after it is done, in the vault and in its backups (PIPL art. 19, 47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.privacy.custodian import Custodian
from services.privacy.deciders.duties import rights
from services.privacy.events.duties import Right, RightsRequestDone, RightsRequestReceived, RightsWordsDestroyed
from services.privacy.policies.asking import when_somebody_asks_for_themself_then_their_identity_is_known as known_then
from shared.kernel.errors import RuleBroken
from tests.privacy import world
from tests.privacy.node import Node, running
from tests.privacy.test_following import told
from tests.privacy.world import OFFICER, RULES, SYS, VOLUNTEER, Streams
from tests.support import Post, problem

DPO = Post("C.DPO", "DPO", "150700")
SAID = {"right": "copy", "text": "all of mine", "name": "Secretly Sarnai", "contact": "13911112222", "division": "150722"}
STEPS = {"identity": {"confirmed": True, "how": "card seen"}, "decision": {"outcome": "granted"}, "completion": {"note": "told"}}
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


def done(streams: Streams) -> RightsRequestDone:
    streams.do(rights.DecideRightsRequest, world.DPO, request="RQ-1", outcome="granted")
    ((_, fact),) = streams.do(rights.CompleteRightsRequest, world.DPO, request="RQ-1").events
    assert isinstance(fact, RightsRequestDone)
    return fact


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


def test_the_vault_keeps_nothing_of_it_then_and_no_older_root_opens_it(node: Node) -> None:
    number = node.done("rights-requests", DPO, SAID)["stream"].removeprefix("rights-")
    vault = node.opened.host.vault
    assert vault is not None and vault.counts()["refs"] == 1
    for step, body in STEPS.items():
        node.done(f"rights-requests/{number}/{step}", DPO, body)
    assert vault.counts()["refs"] == 1
    (row,) = node.get("rights-requests", DPO)["items"]
    assert (row["state"], list(row["due"])) == ("done", ["privacy.rights_words"])
    node.at = (datetime.fromisoformat(node.at) + KEPT + timedelta(minutes=1)).isoformat()
    node.get("rights-requests", DPO)  # time goes on with a request
    node.settle()
    assert vault.counts()["refs"] == 0
    (row,) = node.get("rights-requests", DPO)["items"]
    assert (row["state"], row["due"], row["missed"]) == ("done", {}, [])


def test_words_that_are_still_to_come_are_waited_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Custodian, "step", lambda _: False)
    made = node.done("rights-requests", DPO, SAID)
    vault = node.opened.host.vault
    assert vault is not None
    with vault._content.pool.transaction() as db:
        db.execute("DELETE FROM reference")
    number = made["stream"].removeprefix("rights-")
    problem(node.post(f"rights-requests/{number}/reading", DPO), 503, "behind", "vault.pending")
