"""One command on its way to its events: who may, what is there, what is refused, and what the record says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from shared.eventlog.verify import verify
from shared.handling.guard import unfit_texts
from shared.handling.pending import Answer
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Handles
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.realm import REAL
from shared.sql.ports import StorageFailed
from tests.handling.desk import NAME, NOW, Desk
from tests.hosts.depot import CLERK, DEPOT, ITEM, Issue, Move, Receive, Received, Release, Reserve


def test_an_unknown_stream_is_not_found_unless_the_command_creates_it(desk):
    assert isinstance(desk.do(Release(by=CLERK, now=NOW, item="none", ref="R-1")), NotFound)
    assert desk.events == []


def test_who_may_not_is_told_so_before_anything_else(tmp_path):
    def nobody(*_):
        raise NotAllowed(Failure("matrix.3.27", "somebody else"))

    desk = Desk(tmp_path, may=nobody)
    assert isinstance(desk.do(Release(by=CLERK, now=NOW, item="none", ref="R-1")), NotAllowed)
    assert isinstance(desk.receive(), NotAllowed)


def test_a_refusal_is_audited_and_not_remembered_since_its_cause_may_be_cured(desk):
    issue = Issue(by=CLERK, now=NOW, item="tent", quantity=3)
    desk.receive(1)
    assert isinstance(desk.do(issue, id=UUID(int=70)), RuleBroken)
    desk.receive(5)
    assert isinstance(desk.do(issue, id=UUID(int=70)), Answer)
    (attempt,) = desk.log.attempts()
    assert (attempt.command, attempt.actor, attempt.stream) == ("Issue", "CLERK", "item-tent")
    assert (attempt.code, attempt.rule) == ("rule_broken", "depot.stock")


def test_the_vault_is_asked_once_for_all_that_wait(tmp_path):
    asked = []

    def knows(words):
        asked.append(set(words))
        return {"PE1234567"}

    desk = Desk(tmp_path, knows=knows)
    told = [desk.send(Receive(by=CLERK, now=NOW, item=item, quantity=1)) for item in ("tent", "PE1234567", "BX-7654321", "cot")]
    desk.writer.step()
    assert asked == [{"PE1234567", "BX-7654321"}]
    assert [type(desk.results[id][-1]) for id in told] == [Answer, RuleBroken, Answer, Answer]


def test_a_vault_that_cannot_be_asked_stops_only_whose_words_it_was_to_know(tmp_path):
    def away(words):
        raise StorageFailed("away")

    desk = Desk(tmp_path, knows=away)
    told = [desk.send(Receive(by=CLERK, now=NOW, item=item, quantity=1)) for item in ("tent", "PE1234567")]
    desk.writer.step()
    assert [type(desk.results[id][-1]) for id in told] == [Answer, StorageFailed]
    assert desk.types == ["received"]


def test_a_policys_refusal_is_remembered(desk):
    release = Release(by=CLERK, now=NOW, item="tent", ref="R-1")
    desk.receive(5)
    first = desk.do(release, id=UUID(int=70), derived=True)
    desk.do(Reserve(by=CLERK, now=NOW, item="tent", ref="R-1", quantity=1, until=NOW))
    again = desk.do(release, id=UUID(int=70), derived=True)
    assert isinstance(first, WrongState) and isinstance(again, WrongState)
    assert (first.failures, first.code) == (again.failures, again.code)
    assert desk.types == ["received", "reserved"]


def test_recorded_time_never_runs_backwards(desk):
    desk.receive()
    desk.later(hours=-1)
    desk.receive()
    desk.later(hours=2)
    desk.receive()
    times = [r.envelope.time for r in desk.events]
    assert times == [NOW, NOW, NOW + timedelta(hours=1)]


def test_an_event_says_who_when_why_and_by_which_rules(desk):
    by, second = replace(CLERK, organ="应急管理局"), replace(CLERK, actor="SECOND")
    id = desk.send(Receive(by=by, now=NOW, item="tent", quantity=1, cosigner=second))
    desk.writer.step()
    at = desk.events[0].envelope
    assert (at.actor, at.role, at.organ, at.cosigner, at.rulepack) == ("CLERK", "CLERK", "应急管理局", "SECOND", "test@0")
    assert (at.division, at.correlationid, at.causationid, at.log, at.position) == ("150722", "I-1", str(id), NAME, 1)
    assert (at.id, at.streamid, at.streamversion, at.exercise) == (f"{NAME}:1", "item-tent", 1, False)


@pytest.mark.parametrize("realm", [REAL, "DR-1"])
def test_in_a_drill_every_event_says_so_whoever_signs(tmp_path, realm):
    for n, by in enumerate((CLERK, Signature("SYS.POLICY", ("SYS",), CLERK.division))):
        desk = Desk(tmp_path / str(n), exercise=realm != REAL)
        desk.do(Receive(by=by, now=NOW, item="tent", quantity=1))
        assert [recorded.envelope.exercise for recorded in desk.events] == [realm != REAL] * len(desk.events)


@pytest.mark.parametrize("text", ["请联系13812345678", "身份证11010519491231002X", "tel 13812345678."])
def test_a_personal_value_in_free_text_is_refused_and_stored_nowhere(desk, text):
    desk.receive(5)
    refused = desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=1, reason=text))
    assert isinstance(refused, RuleBroken)
    assert (refused.rule, refused.failures[0].field) == ("PIPL-5", "reason")
    desk.log.close()
    assert not any(token in path.read_bytes() for path in desk.folder.iterdir() for token in (b"13812345678", b"11010519491231002X"))


@pytest.mark.parametrize("text", ["报文号2021071813812345678901", "身份证110105194912310021", "水位 1.38 m", "2021-07-18 02:00"])
def test_numbers_that_are_nobodys_may_be_written(desk, text):
    desk.receive(5)
    assert isinstance(desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=1, reason=text)), Answer)


def test_an_event_too_large_is_refused_with_its_cure(desk):
    refused = desk.do(Receive(by=CLERK, now=NOW, item="tent", quantity=1, paper="x" * 300_000))
    assert isinstance(refused, RuleBroken) and refused.rule == "limit.event"
    assert desk.events == []


def test_a_command_names_at_most_64_streams_unless_it_is_a_listed_bulk_command(tmp_path):
    def service(bulk):
        handles = {Move: Handles(lambda c: tuple(f"item-{n}" for n in range(c.quantity)), creates=True, bulk=bulk)}
        decide = lambda c, states, rules: [(stream, Received(stream, 1)) for stream in states]  # noqa: E731
        return replace(DEPOT, deciders=(replace(ITEM, handles=handles, decide=decide),), policies=(), due=None)

    refused = Desk(tmp_path / "a", service(False)).do(Move(by=CLERK, now=NOW, item="x", to="y", quantity=65))
    assert isinstance(refused, RuleBroken) and refused.rule == "limit.streams"
    desk = Desk(tmp_path / "b", service(True))
    assert len(desk.do(Move(by=CLERK, now=NOW, item="x", to="y", quantity=3_000)).events) == 3_000
    assert verify(desk.log).position == 3_000


def test_a_stream_never_becomes_visible_to_more(tmp_path):
    about = lambda item: msgspec.structs.replace(ITEM.about(item), visibility="internal" if item.on_hand < 5 else "public")  # noqa: E731
    desk = Desk(tmp_path, replace(DEPOT, deciders=(replace(ITEM, about=about), *DEPOT.deciders[1:])))
    assert isinstance(desk.receive(1), Answer)
    assert isinstance(desk.receive(9), AssertionError)
    assert len(desk.events) == 1


def test_every_outcome_is_counted(desk):
    desk.receive(1, id=UUID(int=9))
    desk.receive(1, id=UUID(int=9))
    desk.do(Issue(by=CLERK, now=NOW, item="tent", quantity=9))
    assert desk.writer.counts == {("Receive", "accepted"): 1, ("Receive", "repeated"): 1, ("Issue", "rule_broken"): 1}


class Inner(msgspec.Struct, frozen=True):
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Command):
    inner: tuple[Inner, ...] = ()


def test_a_personal_value_is_found_however_deep_the_command_holds_it():
    deep = Nested(by=CLERK, now=NOW, inner=(Inner("nobody"), Inner("call 13812345678")))
    assert [(fault.rule, fault.field) for fault in unfit_texts(deep)] == [("PIPL-5", "inner")]
    assert unfit_texts(Nested(by=CLERK, now=NOW, inner=(Inner("number 113812345678"),))) == []
