"""Access ends with the task: whom a call-up concerns no more is read by nobody who leads in it (ERL art. 84, PIPL art. 6)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec import structs

from services.privacy.deciders.records.commands import CorrectPersonalData, DisclosePersonalData, NoteTaskEnded, ReadPersonalData
from services.privacy.policies.collecting import COLLECTING
from services.privacy.policies.tasks import TASKS
from services.volunteers.deciders.callups.commands import (
    AnswerCallUp,
    CancelCallUp,
    DepartForHost,
    OfferCallUp,
    OrderCallUp,
    StandDown,
    WithdrawFromCallUp,
)
from services.volunteers.events.callup import Answer, AnswerVia
from shared.kernel.commands import Command
from shared.kernel.errors import NotAllowed
from shared.kernel.events import family, type_of
from tests.privacy.test_following import told
from tests.privacy.world import DPO, LEAD, OFFICER, SYS, Streams, at, over, registered
from tests.volunteers.callup_world import DISTRICT, HQ, ICP, LEADER2, LINES, OFF, Stage, force, vol, volunteer

NAMES = ("V-A", "V-B", "V-C", "V-D")
MEMBERS = ("M-21", "M-22")


class Called:
    """Both services in memory: what happens to a call-up, and who may then read whom."""

    def __init__(self) -> None:
        self.stage, self.streams, self.heard = Stage(), Streams(), 0
        for name in NAMES:
            volunteer(self.stage, name)
            registered(self.streams, name)
        force(self.stage, "SF-2", DISTRICT, "TL.2", MEMBERS, "2021-12-31T23:59:59+08:00", contract_with="150722")
        for name in MEMBERS:
            registered(self.streams, name)

    def do(self, command: Command) -> None:
        self.stage.do(command)
        for _, fact in self.stage.log[self.heard :]:
            for policy in (*COLLECTING, *TASKS):
                if family(type_of(fact)) in policy.listens:
                    for follows in policy.react(fact, structs.replace(told(), time=command.now)):
                        self.streams.handle(follows)
        self.heard = len(self.stage.log)

    def offer(self, *names: str, call_up: str = "CU-1", quota: int = 4) -> None:
        said = {"task": "unloading", "risk_text": 1, "lines": LINES, "quota": quota}
        period = {"from_": at("08:00", 19), "to": at("20:00", 19)}
        self.do(OfferCallUp(by=OFF, now=at("19:00", 18), call_up=call_up, incident="INC-1", volunteers=names, **period, **said))

    def says(self, name: str, said: Answer = Answer.ACCEPT) -> None:
        self.do(AnswerCallUp(by=vol(name), now=at("19:05", 18), call_up="CU-1", answer=said, risk_text=1))

    def readable(self, now: datetime) -> list[str]:
        """Whom the task leader reads one by one."""
        return [name for name in (*NAMES, *MEMBERS) if self._read(name, now)]

    def _read(self, name: str, now: datetime) -> bool:
        if ("INC-1", "callup.contact") not in self.streams.state(f"person-{name}").records:
            return False
        try:
            self.streams.do(ReadPersonalData, LEAD, subjects=(name,), purpose="callup.contact", now=now)
        except NotAllowed as refusal:
            assert refusal.rule == "PIPL-6" and name in refusal.cure
            return False
        return True


@pytest.fixture
def called() -> Called:
    return Called()


def test_who_declines_or_withdraws_is_read_no_more(called: Called) -> None:
    called.offer(*NAMES)
    assert called.readable(at("19:10", 18)) == list(NAMES), "who did not answer yet is rung"
    called.says("V-A")
    called.says("V-B")
    called.says("V-C", Answer.DECLINE)
    assert called.readable(at("19:10", 18)) == ["V-A", "V-B", "V-D"]
    called.do(WithdrawFromCallUp(by=vol("V-B"), now=at("19:30", 18), call_up="CU-1"))
    assert called.readable(at("19:40", 18)) == ["V-A", "V-D"]


def test_after_a_stand_down_who_worked_is_read_until_they_are_home_and_nobody_else(called: Called) -> None:
    called.offer(*NAMES)
    called.says("V-A")
    called.do(DepartForHost(by=vol("V-A"), now=at("07:00", 19), call_up="CU-1", eta=at("08:00", 19)))
    called.do(StandDown(by=HQ, now=at("12:00", 19), call_up="CU-1"))
    assert called.readable(at("12:00", 19)) == ["V-A"], "V-D never answered"
    ended = next(until for until in called.streams.state("person-V-A").tasks.values() if until is not None)
    assert called.readable(ended - timedelta(seconds=1)) == ["V-A"]
    assert called.readable(ended) == []


def test_who_is_not_needed_any_more_is_read_no_more(called: Called) -> None:
    called.offer(*NAMES, quota=1)
    called.says("V-A")
    assert called.readable(at("19:10", 18)) == ["V-A"], "the places went to others"
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("19:31", 18)) == []


def test_members_of_a_force_are_read_while_it_is_there(called: Called) -> None:
    period = {"from_": at("08:00", 19), "to": at("20:00", 19), "task": "pumping", "lines": LINES}
    called.do(OrderCallUp(by=HQ, now=at("19:00", 18), call_up="CU-1", incident="INC-1", force="SF-2", **period))
    said = {"risk_text": None, "channel": AnswerVia.TASK}
    called.do(AnswerCallUp(by=LEADER2, now=at("19:05", 18), call_up="CU-1", answer=Answer.ACCEPT, **said))
    assert called.readable(at("19:10", 18)) == list(MEMBERS)
    called.do(WithdrawFromCallUp(by=vol("M-21"), now=at("19:30", 18), call_up="CU-1"))
    assert called.readable(at("19:40", 18)) == ["M-22"]
    called.do(WithdrawFromCallUp(by=OFF, now=at("19:50", 18), call_up="CU-1", force="SF-2"))
    assert called.readable(at("19:55", 18)) == []


def test_another_call_up_of_the_incident_keeps_them_readable(called: Called) -> None:
    called.offer("V-A")
    called.offer("V-A", call_up="CU-2")
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("19:31", 18)) == ["V-A"]
    called.do(CancelCallUp(by=HQ, now=at("19:32", 18), call_up="CU-2", reason="not needed"))
    assert called.readable(at("19:33", 18)) == []
    called.offer("V-A", call_up="CU-3")
    assert called.readable(at("19:34", 18)) == ["V-A"], "called again, needed again"


def test_neither_changed_nor_given_on_and_the_officer_reads_the_registration(called: Called) -> None:
    called.offer("V-A", "V-B")
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    streams = called.streams
    streams.now = at("19:31", 18)
    refusal = streams.refused(ReadPersonalData, ICP, NotAllowed, "PIPL-6", subjects=("V-A", "V-B"), purpose="callup.contact")
    assert len(refusal.failures) == 2, "all of them at once"
    assert "OfferCallUp" in refusal.cure and "purpose register" in refusal.cure
    contact = {"subject": "V-A", "purpose": "callup.contact"}
    streams.refused(DisclosePersonalData, LEAD, NotAllowed, "PIPL-6", **contact, recipient="clinic", basis="PIPL-13.1(4)")
    streams.refused(CorrectPersonalData, LEAD, NotAllowed, "PIPL-6", **contact, fields=("phone",), reason="slip")
    streams.do(ReadPersonalData, OFFICER, subjects=("V-A",), purpose="register")
    over(streams)
    streams.do(ReadPersonalData, DPO, subjects=("V-A",), purpose="callup.contact")


def test_told_twice_changes_nothing(called: Called) -> None:
    called.offer("V-A")
    ended = {"subject": "V-A", "incident": "INC-1", "task": "CU-1"}
    assert called.streams.types(called.streams.do(NoteTaskEnded, SYS, **ended)) == ["TaskEnded"]
    assert called.streams.do(NoteTaskEnded, SYS, **ended).events == []
    assert called.streams.do(NoteTaskEnded, SYS, **ended | {"task": "CU-9"}).events == []
