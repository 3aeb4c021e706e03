"""Access ends with the task: whom a call-up concerns no more is read by nobody who leads in it (ERL art. 84, PIPL art. 6)."""

from __future__ import annotations

import pytest

from services.privacy.deciders.records.commands import (
    CollectPersonalData,
    CorrectPersonalData,
    DisclosePersonalData,
    NoteTaskEnded,
    ReadPersonalData,
)
from services.privacy.policies.tasks import TASKS
from services.volunteers.deciders.callups.commands import (
    AnswerCallUp,
    CancelCallUp,
    CheckInAtHost,
    DepartForHost,
    OfferCallUp,
    RegisterZone,
    StandDown,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut
from services.volunteers.deciders.people.commands import WithdrawVolunteer
from services.volunteers.events.callup import Answer, CallUpStoodDown
from services.volunteers.events.force import RosterUpdated
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.validity import Member
from shared.kernel.errors import NotAllowed
from shared.kernel.events import family, type_of
from tests.privacy.called_world import HOME, MEMBERS, NAMES, SECOND, Called
from tests.privacy.test_following import told
from tests.privacy.world import DPO, LEAD, OFFICER, SYS, at, over
from tests.volunteers.callup_world import HQ, ICP, LEADER2, LINES, OFF, vol, volunteer


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
    assert called.readable(at("12:00", 19) + HOME - SECOND) == ["V-A"]
    assert called.readable(at("12:00", 19) + HOME) == []


def test_who_is_not_needed_any_more_is_read_no_more(called: Called) -> None:
    called.offer(*NAMES, quota=1)
    called.says("V-A")
    assert called.readable(at("19:10", 18)) == ["V-A"], "the places went to others"
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("19:31", 18)) == []


def test_members_of_a_force_are_read_while_it_is_there(called: Called) -> None:
    called.force_comes()
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
    ended = {"subject": "V-A", "incident": "INC-1", "task": "CU-1", "holder": "V-A"}
    assert called.streams.do(NoteTaskEnded, SYS, **ended | {"holder": "SF-2"}).events == [], "through a force they were never called"
    assert called.streams.types(called.streams.do(NoteTaskEnded, SYS, **ended)) == ["TaskEnded"]
    assert called.streams.do(NoteTaskEnded, SYS, **ended).events == []
    assert called.streams.do(NoteTaskEnded, SYS, **ended | {"task": "CU-9"}).events == []


def test_who_withdraws_on_the_way_or_there_is_read_until_they_are_home(called: Called) -> None:
    called.offer("V-A", "V-B", "V-C")
    for name in ("V-A", "V-B", "V-C"):
        called.depart(name)
    called.do(RegisterZone(by=ICP, now=at("07:30", 19), zone="Z-1", cap=5))
    called.do(CheckInAtHost(by=ICP, now=at("08:00", 19), call_up="CU-1", volunteer="V-B", zone="Z-1"))
    called.do(WithdrawFromCallUp(by=vol("V-A"), now=at("09:00", 19), call_up="CU-1"))
    called.do(WithdrawFromCallUp(by=vol("V-B"), now=at("09:00", 19), call_up="CU-1"))
    called.do(WithdrawVolunteer(by=vol("V-C"), now=at("09:00", 19), volunteer="V-C"))
    assert called.stage.state("callup-CU-1").parties["V-C"].status == "withdrawn"
    assert called.readable(at("09:00", 19) + HOME - SECOND) == ["V-A", "V-B", "V-C"]
    assert called.readable(at("09:00", 19) + HOME) == []


def test_who_had_a_place_when_the_work_began_may_be_out_there_too(called: Called) -> None:
    called.offer("V-A")
    called.says("V-A")
    called.do(WithdrawFromCallUp(by=vol("V-A"), now=at("08:00", 19), call_up="CU-1"))
    assert called.readable(at("08:01", 19)) == ["V-A"], "nobody noted that they set out"


def test_who_is_asked_again_on_the_way_home_and_declines_is_still_read_until_they_are_home(called: Called) -> None:
    called.offer("V-A")
    called.depart("V-A")
    called.do(WithdrawFromCallUp(by=vol("V-A"), now=at("09:00", 19), call_up="CU-1"))
    called.do(OfferCallUp(by=OFF, now=at("09:30", 19), call_up="CU-1", volunteers=("V-A",), lines=LINES))
    called.do(AnswerCallUp(by=vol("V-A"), now=at("09:40", 19), call_up="CU-1", answer=Answer.DECLINE))
    assert called.readable(at("09:00", 19) + HOME - SECOND) == ["V-A"]
    assert called.readable(at("09:00", 19) + HOME) == []


def test_members_who_leave_out_there_are_read_until_they_are_home(called: Called) -> None:
    called.force_comes()
    called.do(DepartForHost(by=LEADER2, now=at("07:00", 19), call_up="CU-1", force="SF-2"))
    called.do(WithdrawFromCallUp(by=OFF, now=at("09:00", 19), call_up="CU-1", volunteer="M-21"))
    called.do(WithdrawFromCallUp(by=OFF, now=at("10:00", 19), call_up="CU-1", force="SF-2"))
    assert called.readable(at("09:00", 19) + HOME - SECOND) == list(MEMBERS)
    assert called.readable(at("09:00", 19) + HOME) == ["M-22"]
    assert called.readable(at("10:00", 19) + HOME) == []


@pytest.mark.parametrize("own", ["declined", "closed", "stood down"])
def test_the_own_offer_ends_without_the_task_through_the_force(called: Called, own: str) -> None:
    volunteer(called.stage, "M-21")
    called.stage.has("volunteer-M-21", MembershipConfirmed("M-21", "SF-2", True, "M-21", at("08:00", 17)))
    called.offer("M-21", "V-A", quota=2)
    called.force_comes()
    assert called.readable(at("19:06", 18)) == ["V-A", *MEMBERS]
    match own:
        case "declined":
            called.says("M-21", Answer.DECLINE)
        case "closed":
            called.says("V-A")
        case _:
            called.do(DepartForHost(by=LEADER2, now=at("07:00", 19), call_up="CU-1", force="SF-2"))
            called.do(StandDown(by=HQ, now=at("09:00", 19), call_up="CU-1"))
            assert called.readable(at("09:00", 19) + HOME - SECOND) == list(MEMBERS)
            return
    assert set(MEMBERS) <= set(called.readable(at("19:10", 18)))
    called.do(WithdrawFromCallUp(by=OFF, now=at("19:50", 18), call_up="CU-1", force="SF-2"))
    assert not set(MEMBERS) & set(called.readable(at("19:55", 18)))


def test_the_forces_task_ends_without_the_own_offer(called: Called) -> None:
    volunteer(called.stage, "M-21")
    called.stage.has("volunteer-M-21", MembershipConfirmed("M-21", "SF-2", True, "M-21", at("08:00", 17)))
    called.offer("M-21")
    called.force_comes()
    called.do(WithdrawFromCallUp(by=vol("M-21"), now=at("19:30", 18), call_up="CU-1"))
    assert called.readable(at("19:40", 18)) == list(MEMBERS), "M-21 may still come alone"
    called.do(CancelCallUp(by=HQ, now=at("19:50", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("19:55", 18)) == []


def test_who_came_uncalled_stays_readable_whatever_becomes_of_a_call_up(called: Called) -> None:
    called.uncalled("V-A", at("18:00", 18))
    called.offer("V-A", "V-B", "V-C")
    called.says("V-B", Answer.DECLINE)
    called.uncalled("V-B", at("19:20", 18))
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("19:31", 18) + 2 * HOME) == ["V-A", "V-B"]
    assert called.streams.state("person-V-C").task_over("INC-1", at("19:31", 18)) == at("19:30", 18)


@pytest.mark.parametrize("when", ["before", "meanwhile", "after"])
def test_who_is_entered_for_the_incident_by_an_officer_stays_readable(called: Called, when: str) -> None:
    contact = {"subject": "V-A", "purpose": "callup.contact", "incident": "INC-1", "ref": "ref-desk", "fields": ("phone",)}
    moments = {"before": at("18:00", 18), "meanwhile": at("19:10", 18), "after": at("19:40", 18)}
    for name in ("before", "meanwhile", "after"):
        if name == "meanwhile":
            called.offer("V-A")
        if name == "after":
            called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
        if name == when:
            called.streams.do(CollectPersonalData, OFFICER, now=moments[name], **contact)
    assert called.readable(at("20:00", 18)) == ["V-A"]


def test_who_was_held_before_tasks_were_noted_stays_readable(called: Called) -> None:
    called.streams.do(CollectPersonalData, SYS, subject="V-A", purpose="callup.contact", incident="INC-1", now=at("08:00", 17))
    called.offer("V-A")
    called.do(CancelCallUp(by=HQ, now=at("19:30", 18), call_up="CU-1", reason="not needed"))
    assert called.readable(at("20:00", 18)) == ["V-A"]


def test_after_a_stand_down_it_counts_from_when_their_shift_is_closed(called: Called) -> None:
    called.offer("V-A")
    called.depart("V-A")
    called.do(CheckIn(by=ICP, now=at("08:00", 20), people=("V-A",), call_up="CU-1"))
    called.do(StandDown(by=HQ, now=at("12:00", 20), call_up="CU-1"))
    assert called.readable(at("12:00", 20) + 2 * HOME) == ["V-A"], "nobody checked them out: they may be missing"
    called.do(CheckOut(by=ICP, now=at("15:00", 20), people=("V-A",), at=at("15:00", 20)))
    assert called.readable(at("15:00", 20) + HOME - SECOND) == ["V-A"]
    assert called.readable(at("15:00", 20) + HOME) == []


def test_a_force_that_accepts_again_with_fewer_comes_without_the_others(called: Called) -> None:
    called.force_comes()
    called.stage.has("force-SF-2", RosterUpdated("SF-2", (Member("M-22", None, True, True),), "TL.2", "TL.2", at("19:06", 18)))
    called.accepts(2)
    assert called.readable(at("19:10", 18)) == ["M-22"]
    assert called.stage.state("engagement-M-21").call_ups == (), "they are free again"
    assert called.stage.state("callup-CU-1").parties["SF-2"].left == ("M-21",)


def test_what_was_released_before_it_was_said_through_whom_ends_the_own_offer() -> None:
    ends = CallUpStoodDown("CU-1", "INC-1", "B.HQ", at("12:00", 19), released=("V-A", "V-B"))
    (ended,) = [list(one.react(ends, told())) for one in TASKS if family(type_of(ends)) in one.listens]
    assert [(one.subject, one.task, one.holder) for one in ended if isinstance(one, NoteTaskEnded)] == [
        ("V-A", "CU-1", "V-A"),
        ("V-B", "CU-1", "V-B"),
    ]
