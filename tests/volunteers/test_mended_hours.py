"""Hours and certificates: what a hostile reading found, each as it must not go again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.callups.commands import (
    AcceptHostCommand,
    CancelCallUp,
    StandDown,
    WithdrawFromCallUp,
)
from services.volunteers.deciders.honours.commands import NominateHonour
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut, CorrectHours, IssueCertificate, ResolveOverlap
from services.volunteers.deciders.people.commands import MergeVolunteers
from services.volunteers.events.callup import CallUpSettled
from services.volunteers.events.honour import HonourKind
from services.volunteers.events.service import OverlapOutcome
from shared.kernel.errors import NotAllowed, OnHold, RuleBroken, WrongState
from tests.volunteers.callup_world import (
    BANNER,
    HQ,
    ICP,
    LEAD,
    NEXT_BANNER,
    OFF,
    Stage,
    at,
    force,
    vol,
    volunteer,
)
from tests.volunteers.mended_world import APPROVER, END, accept, clock_in, clock_out, offer, refused, staged


@pytest.fixture
def stage() -> Stage:
    return staged()


# ---------------------------------------------------------------- hours


def test_no_minute_counts_twice(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    clock_in(stage, now=at("10:00", 19))
    clock_out(stage, now=at("10:30", 19))
    clock_in(stage, now=at("10:50", 19), at=at("09:00", 19))
    refused(stage, CheckOut(by=LEAD, now=at("10:51", 19), people=("V-A",)), RuleBroken, "hours.overlap")
    clock_out(stage, now=at("10:51", 19), at=at("10:00", 19))
    assert stage.state("service-V-A").minutes() == 90


def test_merged_hours_are_certified_once(stage: Stage) -> None:
    for name in ("V-A", "V-B"):
        offer(stage, f"CU-{name}", volunteers=(name,))
        accept(stage, name, f"CU-{name}")
        clock_in(stage, name)
        clock_out(stage, name, at("12:00", 19))
        stage.do(StandDown(by=HQ, now=at("13:00", 19), call_up=f"CU-{name}"))
    stage.do(MergeVolunteers(by=OFF, now=at("14:00", 19), volunteer="V-B", into="V-A", reason="same", cosigner=APPROVER))
    refused(
        stage, IssueCertificate(by=OFF, now=at("15:00", 19), certificate="C-2", check="X", volunteer="V-B"), WrongState, "certificate.life"
    )
    stage.do(IssueCertificate(by=OFF, now=at("15:00", 19), certificate="C-1", check="X", volunteer="V-A"))
    assert dict(stage.state("service-V-B").certificates) == {"C-1": None}
    assert next(fact.minutes for stream, fact in reversed(stage.log) if stream == "certificate-C-1") == 240


def test_hours_told_after_the_end_are_settled_and_need_two(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    stage.do(StandDown(by=HQ, now=at("20:00", 19), call_up="CU-1"))
    soon = at("21:00", 19)
    refused(stage, CheckIn(by=LEAD, now=soon, at=at("19:30", 19), people=("V-A",)), NotAllowed, "two.persons")
    clock_in(stage, now=soon, at=at("09:00", 19), cosigner=APPROVER)
    clock_out(stage, now=soon, at=at("15:00", 19), cosigner=APPROVER)
    assert [fact.minutes for _, fact in stage.log if isinstance(fact, CallUpSettled)] == [360]


def test_what_was_worked_for_is_stood_down(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    clock_in(stage)
    stage.do(WithdrawFromCallUp(by=vol("V-A"), now=at("10:00", 19), call_up="CU-1"))
    refused(stage, CancelCallUp(by=HQ, now=at("12:00", 19), call_up="CU-1", reason="x"), WrongState, "callup.life")
    clock_out(stage)
    stage.do(StandDown(by=HQ, now=at("20:00", 19), call_up="CU-1"))
    assert [fact.minutes for _, fact in stage.log if isinstance(fact, CallUpSettled)] == [480]


def test_who_came_unfit_does_not_work(stage: Stage) -> None:
    volunteer(stage, "V-K", adult=False, trained=False, insured=False)
    told = stage.do(RegisterSelfArrival(by=LEAD, now=at("09:00"), volunteer="V-K", incident="INC-1", zone="NOZONE")).answer
    assert told is not None and told["zone"] is None and "adult" in told["missing"]
    for rule in ("ERL-39.2", "ERL-40.1", "PSER-11"):
        refused(stage, CheckIn(by=LEAD, now=at("09:05"), people=("V-K",), incident="INC-1"), RuleBroken, rule)


def test_a_call_up_takes_hours_of_its_own_days_only(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    for day in (18, 29):
        refused(stage, CheckIn(by=LEAD, now=at("20:30", day), people=("V-A",), call_up="CU-1"), WrongState, "hours.engagement")
    stage.do(RegisterSelfArrival(by=LEAD, now=at("20:00"), volunteer="V-A", incident="INC-1"))
    clock_in(stage, now=at("21:00"), incident="INC-1")
    assert stage.state("service-V-A").running.call_up is None


def test_a_force_waits_for_its_host_before_it_works(stage: Stage) -> None:
    force(stage, "SF-1", NEXT_BANNER, "TL.1", ("M-1",), END)
    offer(stage, force="SF-1")
    accept(stage, "SF-1")
    refused(stage, CheckIn(by=LEAD, now=at("08:00", 19), people=("M-1",)), RuleBroken, "ERL-39.3")
    stage.do(AcceptHostCommand(by=ICP, now=at("19:30"), call_up="CU-1"))
    clock_in(stage, "M-1")


def test_hours_are_written_where_somebody_arrived(stage: Stage) -> None:
    from services.volunteers.deciders.hours.service import SERVICE

    stage.do(RegisterSelfArrival(by=LEAD, now=at("07:00", 19), volunteer="V-A", incident="INC-1"))
    command = CheckIn(by=LEAD, now=at("08:00", 19), people=("V-A",), incident="INC-1")
    handles = SERVICE.handles[CheckIn]
    assert handles.state_areas is not None
    states = {stream: stage.state(stream) for stream in handles.streams(command)}
    assert handles.state_areas(command, states) == (BANNER,)


def test_a_certificate_holds_no_longer_once_its_hours_are_put_right(stage: Stage) -> None:
    offer(stage, volunteers=("V-A",))
    accept(stage)
    clock_in(stage)
    clock_out(stage)
    stage.do(IssueCertificate(by=OFF, now=at("17:00", 19), certificate="C-1", check="X", volunteer="V-A"))
    right = CorrectHours(by=LEAD, cosigner=APPROVER, now=at("18:00", 19), volunteer="V-A", shift=1, ended=at("12:00", 19), reason="slip")
    before = len(stage.log)
    stage.do(right)
    assert stage.state("certificate-C-1").superseded
    assert any(getattr(fact, "kind", "") == "reissue_certificate" for _, fact in stage.log[before:])


def merged(stage: Stage, begins: str = "08:00", ends: str = "12:00") -> Any:
    """V-B worked from and to then, V-A from 08:00 to 12:00; then it shows that they are one."""
    for name, hours in (("V-A", ("08:00", "12:00")), ("V-B", (begins, ends))):
        offer(stage, f"CU-{name}", volunteers=(name,))
        accept(stage, name, f"CU-{name}")
        clock_in(stage, name, at(hours[0], 19))
        clock_out(stage, name, at(hours[1], 19))
    for name in ("V-A", "V-B"):
        stage.do(StandDown(by=HQ, now=at("18:00", 19), call_up=f"CU-{name}"))
    stage.do(IssueCertificate(by=OFF, now=at("19:00", 19), certificate="C-B", check="X", volunteer="V-B"))
    return stage.do(MergeVolunteers(by=OFF, now=at("20:00", 19), volunteer="V-B", into="V-A", reason="same", cosigner=APPROVER))


def resolved(**said: Any) -> ResolveOverlap:
    return ResolveOverlap(by=OFF, cosigner=APPROVER, now=at("21:00", 19), volunteer="V-B", overlap=1, reason="looked at the list", **said)


def test_what_both_registrations_worked_is_set_aside_at_the_merger_and_counted_once(stage: Stage) -> None:
    told = merged(stage, "10:00", "14:00")
    assert (told.flags, told.answer) == (("Q-TRIAGE",), {"overlaps": 1})
    assert stage.state("service-V-A").minutes() + stage.state("service-V-B").minutes() == 240
    (aside,) = stage.state("service-V-B").disputed.values()
    assert (aside.of, aside.whose, aside.at, aside.ended, aside.certificates) == (1, "V-A", at("10:00", 19), at("14:00", 19), ("C-B",))
    settled = [fact for _, fact in stage.log if isinstance(fact, CallUpSettled) and fact.call_up == "CU-V-B"]
    assert [(fact.revision, fact.minutes) for fact in settled] == [(1, 240), (2, 0)], "nor is it paid twice"
    assert stage.state("certificate-C-B").superseded
    refused(
        stage,
        CorrectHours(by=OFF, cosigner=APPROVER, now=at("21:00", 19), volunteer="V-B", shift=1, ended=at("13:00", 19), reason="x"),
        WrongState,
        "hours.overlap",
    )


def test_two_persons_count_what_was_worked_beside_it(stage: Stage) -> None:
    merged(stage, "10:00", "14:00")
    honour = NominateHonour(by=OFF, now=at("20:30", 19), honour="HO-1", kind=HonourKind.COMMENDATION, volunteer="V-A", reason="x")
    refused(stage, honour, OnHold, "VSR-19")
    refused(stage, resolved(outcome=OverlapOutcome.COUNTED), RuleBroken, "hours.overlap")
    stage.do(resolved(outcome=OverlapOutcome.COUNTED, started=at("12:00", 19)))
    assert stage.state("service-V-B").minutes() == 120 and not stage.state("service-V-B").disputed
    last = [fact for _, fact in stage.log if isinstance(fact, CallUpSettled) and fact.call_up == "CU-V-B"][-1]
    assert (last.revision, last.minutes) == (3, 120)
    stage.do(honour)


def test_what_is_discarded_stays_out_and_what_nobody_worked_twice_is_not_touched(stage: Stage) -> None:
    merged(stage)
    stage.do(resolved(outcome=OverlapOutcome.DISCARDED))
    assert stage.state("service-V-B").minutes() == 0 and not stage.state("service-V-B").disputed
    other = staged()
    told = merged(other, "12:00", "16:00")
    assert (told.flags, told.answer) == ((), {}) and other.state("service-V-B").minutes() == 240


def test_who_is_checked_in_is_checked_out_before_the_merger(stage: Stage) -> None:
    stage.do(RegisterSelfArrival(by=LEAD, now=at("08:00", 19), volunteer="V-B", incident="INC-1"))
    clock_in(stage, "V-B", incident="INC-1")
    refused(
        stage,
        MergeVolunteers(by=OFF, now=at("09:00", 19), volunteer="V-B", into="V-A", reason="same", cosigner=APPROVER),
        WrongState,
        "hours.open",
    )


def put_right(volunteer: str, **said: Any) -> CorrectHours:
    return CorrectHours(by=OFF, cosigner=APPROVER, now=at("21:30", 19), volunteer=volunteer, shift=1, reason="looked again", **said)


def test_hours_put_right_after_a_merger_are_not_those_of_the_other_registration(stage: Stage) -> None:
    merged(stage, "12:00", "16:00")
    refused(stage, put_right("V-A", ended=at("16:00", 19)), RuleBroken, "hours.overlap")
    refused(stage, put_right("V-B", started=at("10:00", 19)), RuleBroken, "hours.overlap")
    stage.do(put_right("V-B", started=at("13:00", 19)))
    stage.do(put_right("V-A", ended=at("13:00", 19)))
    assert stage.state("service-V-A").minutes() + stage.state("service-V-B").minutes() == 480


def test_what_is_counted_beside_is_what_the_kept_registration_has_today(stage: Stage) -> None:
    merged(stage, "10:00", "14:00")
    stage.do(put_right("V-A", ended=at("13:00", 19)))
    refused(stage, resolved(outcome=OverlapOutcome.COUNTED, started=at("12:00", 19)), RuleBroken, "hours.overlap")
    stage.do(resolved(outcome=OverlapOutcome.COUNTED, started=at("13:00", 19)))
    refused(stage, put_right("V-B", started=at("12:00", 19)), RuleBroken, "hours.overlap")
    assert stage.state("service-V-A").minutes() + stage.state("service-V-B").minutes() == 360


def test_a_late_check_in_of_a_duplicate_waits_where_the_kept_one_worked_then(stage: Stage) -> None:
    merged(stage, "12:00", "16:00")
    late: dict[str, Any] = {"now": at("22:00", 19), "cosigner": APPROVER}
    stage.do(CheckIn(by=LEAD, people=("V-B",), at=at("09:00", 19), **late))
    (aside,) = stage.state("service-V-B").disputed.values()
    assert (aside.whose, aside.shift, stage.state("service-V-B").running) == ("V-A", 1, None)
    refused(stage, CheckIn(by=LEAD, people=("V-A", "V-B"), at=at("16:30", 19), **late), RuleBroken, "hours.people")
    other = staged()
    merged(other, "12:00", "16:00")
    clock_in(other, "V-B", at=at("07:00", 19), **late)
    over = CheckOut(by=LEAD, people=("V-B",), at=at("09:00", 19), **late)
    refused(other, over, RuleBroken, "hours.overlap")
    other.do(replace(over, at=at("08:00", 19)))
    assert other.state("service-V-A").minutes() + other.state("service-V-B").minutes() == 540
