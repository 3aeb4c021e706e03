"""Who may still be out there is destroyed by nobody; who is called again after it can be reached again (ERL art. 84, 85)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.privacy.deciders.records.commands import CollectPersonalData, LockPersonalData, ReadPersonalData
from services.privacy.deciders.retention.commands import CertifyDestruction, DestroyPersonalData, VerifyDestruction
from services.privacy.events.record import PersonalDataCollected, PersonalDataDestroyed
from services.privacy.events.retention import RetentionOpened, SubjectNoted
from services.volunteers.deciders.callups.commands import OfferCallUp, StandDown
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut
from shared.kernel.errors import Destroyed, OnHold, RuleBroken, WrongState
from tests.privacy.called_world import HOME, SECOND, Called
from tests.privacy.test_anew import LATER, do, kept
from tests.privacy.test_following import dry, value
from tests.privacy.world import AUDITOR, DPO, LEAD, LEGAL, OFFICER, SYS, at, decided, destroy, registered
from tests.volunteers.callup_world import HQ, ICP, LINES, OFF

OF = {"incident": "INC-1", "register": "volunteers"}
CONTACT = {"purpose": "callup.contact", "incident": "INC-1"}
OUT = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False, "searched": 1}
__all__ = ["kept"]


@pytest.fixture
def called() -> Called:
    """V-A is on the way to an incident whose response is over, and whose data are decided about; V-B declined nothing and waits."""
    made = Called()
    made.offer("V-A", "V-B")
    made.depart("V-A")
    made.streams.now = at("12:00", 19)
    decided(made.streams)
    return made


def test_who_may_still_be_out_there_is_not_destroyed_until_they_are_home(called: Called) -> None:
    streams = called.streams
    asked = {**OF, "subjects": ("V-A", "V-B"), "certificate": "DC-1"}
    refusal = streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **asked)
    assert [name in fault.cure and "CU-1" in fault.cure for name, fault in zip(asked["subjects"], refusal.failures, strict=True)] == [
        True
    ] * 2
    assert "StandDown" in refusal.cure
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    home = at("13:00", 19) + HOME
    refusal = streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **asked, now=home - SECOND)
    assert [fault.cure.partition(" ")[0] for fault in refusal.failures] == ["V-A"], "V-B never set out"
    streams.do(DestroyPersonalData, DPO, **asked, now=home)


def test_a_shift_that_runs_keeps_its_worker(called: Called) -> None:
    called.do(CheckIn(by=ICP, now=at("08:05", 20), people=("V-A",), call_up="CU-1"))
    called.do(StandDown(by=HQ, now=at("12:00", 20), call_up="CU-1"))
    asked = {**OF, "subjects": ("V-A",), "certificate": "DC-1"}
    called.streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **asked, now=at("13:00", 20) + HOME)
    ended = at("20:00", 20)
    called.do(CheckOut(by=ICP, now=ended, people=("V-A",), at=ended))
    called.streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **asked, now=ended + HOME - SECOND)
    called.streams.do(DestroyPersonalData, DPO, **asked, now=ended + HOME)


def test_whoever_leads_reaches_them_also_after_the_response(called: Called) -> None:
    assert called.readable(at("12:30", 19)) == ["V-A", "V-B"]
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams = called.streams
    for subject, now, error in (("V-B", at("13:01", 19), RuleBroken), ("V-A", at("13:00", 19) + HOME, RuleBroken)):
        streams.refused(ReadPersonalData, LEAD, error, "ERL-85", subjects=(subject,), **CONTACT, now=now)
    streams.do(ReadPersonalData, LEAD, subjects=("V-A",), **CONTACT, now=at("13:00", 19) + HOME - SECOND)
    streams.do(ReadPersonalData, DPO, subjects=("V-A",), **CONTACT, now=at("13:01", 19))


def offer(called: Called, name: str, call_up: str, now: datetime) -> None:
    """Called at that time, for the twelve hours that follow."""
    said = {"call_up": call_up, "incident": "INC-1", "quota": 1, "task": "unloading", "risk_text": 1, "lines": LINES}
    called.do(OfferCallUp(by=OFF, now=now, **said, volunteers=(name,), from_=now + timedelta(hours=1), to=now + timedelta(hours=13)))


def again(called: Called) -> None:
    """Everybody was destroyed for the incident; then V-A is called once more."""
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    called.streams.now = at("13:00", 19) + HOME
    destroy(called.streams, "V-A", "V-B")
    assert called.streams.state("retention-INC-1.volunteers").status == "executed"
    offer(called, "V-A", "CU-2", called.streams.now + SECOND)


def test_who_is_called_again_is_held_anew_under_a_reference_and_a_key_of_its_own(called: Called) -> None:
    again(called)
    facts = called.streams.past["person-V-A"]
    first, second = [one for one in facts if isinstance(one, PersonalDataCollected) and one.purpose == "callup.contact"]
    assert (first.register, second.register, second.copied_from) == ("INC-1", "INC-1:2", "ref-V-A")
    assert first.ref != second.ref
    now = called.streams.now + 2 * SECOND
    read = called.streams.do(ReadPersonalData, LEAD, subjects=("V-A",), **CONTACT, now=now)
    assert read.answer["records"] == {"V-A": {"name": second.ref, "phone": second.ref}}
    offer(called, "V-A", "CU-3", now)
    assert len([one for one in facts if isinstance(one, PersonalDataCollected)]) == 3, "the next call-up needs no more"
    called.streams.refused(ReadPersonalData, LEAD, Destroyed, "ERL-85", subjects=("V-B",), **CONTACT, now=now)


def test_what_becomes_of_it_is_asked_once_more_and_the_first_destruction_can_still_be_verified(called: Called) -> None:
    again(called)
    streams, stream = called.streams, "retention-INC-1.volunteers"
    opened = streams.past[stream][-1]
    assert isinstance(opened, RetentionOpened)
    assert (opened.round, opened.subjects, [due.key for due in opened.clocks]) == (2, 1, ["K-55"])
    streams.do(CertifyDestruction, SYS, certificate="DC-1", position=1, chain="c" * 64, root="r" * 16)
    streams.do(VerifyDestruction, AUDITOR, **OF, certificate="DC-1", **OUT)
    assert streams.state(stream).status == "opened"
    streams.now += timedelta(hours=1)
    decided(streams)
    streams.refused(DestroyPersonalData, DPO, OnHold, **OF, subjects=("V-A",), certificate="DC-2")
    called.do(StandDown(by=HQ, now=streams.now, call_up="CU-2"))
    streams.now += HOME
    destroy(streams, "V-A", certificate="DC-2")
    gone = [one for one in streams.past["person-V-A"] if isinstance(one, PersonalDataDestroyed)]
    assert [one.registers for one in gone] == [("INC-1",), ("INC-1:2",)]
    assert streams.state(stream).status == "executed"


def test_values_are_taken_only_while_they_are_called_and_under_the_new_key(called: Called) -> None:
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams = called.streams
    streams.now = at("13:00", 19) + HOME
    destroy(streams, "V-A", "V-B")
    said = {"subject": "V-B", **CONTACT, "fields": ("kin_phone",), "ref": "told", "register": "INC-1:2"}
    refusal = streams.refused(CollectPersonalData, OFFICER, Destroyed, "ERL-85", **said)
    assert "OfferCallUp" in refusal.cure
    offer(called, "V-B", "CU-2", streams.now + SECOND)
    streams.now += 2 * SECOND
    streams.refused(CollectPersonalData, OFFICER, Destroyed, "ERL-85", **said | {"register": "INC-1"})
    streams.do(CollectPersonalData, OFFICER, **said)
    assert streams.state("person-V-B").records["INC-1:2", "callup.contact"].fields == ("name", "phone", "kin_phone")


def test_who_is_called_first_after_the_decision_is_reached_too(called: Called) -> None:
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    called.streams.now = at("13:00", 19) + HOME
    registered(called.streams, "V-N")
    streams = called.streams
    late = {"subject": "V-N", **CONTACT}
    streams.refused(CollectPersonalData, OFFICER, WrongState, "ERL-85", **late)
    streams.refused(CollectPersonalData, SYS, WrongState, "ERL-85", **late, now=at("11:00", 19))
    offer(called, "V-C", "CU-2", streams.now)
    streams.do(ReadPersonalData, LEAD, subjects=("V-C",), **CONTACT, now=streams.now + SECOND)


def test_the_copy_is_made_again_and_opens(kept: Any) -> None:
    desk, vault, made = kept
    dry(desk, made())
    do(desk, "CollectPersonalData", SYS, subject="V-A", **CONTACT, now=LATER)
    collected = [one.event for one in desk.events if isinstance(one.event, PersonalDataCollected)][-1]
    assert collected.register == "INC-1:2"
    dry(desk, made(LATER))
    assert value(vault, str(collected.ref)) == "13800138000"
    custodian = made(LATER)
    with custodian._cursors.pool.use() as db:
        db.execute("DELETE FROM custodian")  # as after a restore of an older vault: the first destruction is followed again
    dry(desk, custodian)
    assert value(vault, str(collected.ref)) == "13800138000"


def test_who_is_called_before_all_others_are_destroyed_has_a_round_of_their_own(called: Called) -> None:
    """The decision did not know of them: it destroys nobody who came after it, and what becomes of them is asked once it is carried out."""
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams, stream = called.streams, "retention-INC-1.volunteers"
    streams.now = at("13:00", 19) + HOME
    destroy(streams, "V-A")
    for name, call_up in (("V-A", "CU-2"), ("V-C", "CU-3")):
        offer(called, name, call_up, streams.now + SECOND)
        called.do(StandDown(by=HQ, now=streams.now + 2 * SECOND, call_up=call_up))
    streams.now += HOME + 2 * SECOND
    asked = {**OF, "subjects": ("V-A", "V-B", "V-C"), "certificate": "DC-2"}
    refusal = streams.refused(DestroyPersonalData, DPO, OnHold, "ERL-85", **asked)
    assert [fault.cure.partition(" ")[0] for fault in refusal.failures] == ["V-A", "V-C"]
    destroy(streams, "V-B", certificate="DC-2")
    opened = streams.past[stream][-1]
    assert isinstance(opened, RetentionOpened)
    assert (opened.round, opened.subjects, opened.clocks) == (2, 2, ()), "K-55 runs since the first of them was called"
    decided(streams)
    destroy(streams, "V-A", "V-C", certificate="DC-3")
    assert streams.state(stream).status == "executed"


def test_who_came_later_has_a_deadline_that_waits_for_nobody(called: Called) -> None:
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams, stream = called.streams, "retention-INC-1.volunteers"
    streams.now = at("13:00", 19) + HOME
    lock = {"lock": "LK-1", "reason": "lawsuit", "basis": "PIPL-47", "until": streams.now + timedelta(days=700)}
    streams.do(LockPersonalData, LEGAL, subject="V-B", **lock)
    destroy(streams, "V-A")
    for name, call_up in (("V-C", "CU-2"), ("V-D", "CU-3")):
        offer(called, name, call_up, streams.now + SECOND)
    first, second = [one for one in streams.past[stream] if isinstance(one, SubjectNoted) and one.subject in ("V-C", "V-D")]
    assert ([due.key for due in first.clocks], second.clocks) == (["K-55"], ())
    assert streams.state(stream).clocks.runs("K-55")


def test_a_part_of_an_older_log_whose_destroyed_are_gone_still_waits_for_who_came_later(called: Called) -> None:
    """No round was opened behind the last destruction then: it is not as if everything had been carried out."""
    called.do(StandDown(by=HQ, now=at("13:00", 19), call_up="CU-1"))
    streams, stream = called.streams, "retention-INC-1.volunteers"
    streams.now = at("13:00", 19) + HOME
    offer(called, "V-C", "CU-2", streams.now)
    called.do(StandDown(by=HQ, now=streams.now + SECOND, call_up="CU-2"))
    destroy(streams, "V-A", "V-B")
    assert isinstance(streams.past[stream].pop(), RetentionOpened)
    assert streams.state(stream).status == "decided"
    streams.now += HOME
    destroy(streams, "V-C", certificate="DC-2")
    assert streams.state(stream).status == "executed"
