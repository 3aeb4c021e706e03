"""Work: given, taken or refused, handed on, reported, checked, ended; overdue work climbs the tree; teams leave danger at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.alerts.deciders.incidents.state import AFTER_CARE, CLOSED, DISMISSED, MERGED, Incident
from services.alerts.deciders.incidents.state import NEW as UNKNOWN
from services.alerts.deciders.orders.task import (
    AbortTask,
    AcceptTask,
    AssignTask,
    CompleteTask,
    DelegateTask,
    EscalateTaskClock,
    RefuseTask,
    ReportProgress,
    VerifyTask,
    WithdrawTask,
    WithdrawTeams,
)
from services.alerts.deciders.orders.withdrawal import WITHDRAWAL
from services.alerts.deciders.orders.work import TASK
from services.alerts.deciders.orders.work_state import DONE, OPEN, SUSPENDED
from services.alerts.events.clock import ClockMissed
from services.alerts.events.task import (
    TaskAborted,
    TaskAccepted,
    TaskAssigned,
    TaskCompleted,
    TaskDelegated,
    TaskOverdue,
    TaskProgressReported,
    TaskRefused,
    TaskSuspended,
    TaskVerified,
    TaskWithdrawn,
    TeamsWithdrawn,
)
from shared.kernel.commands import Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.kernel.events import decode
from shared.testing.spec import given
from tests.alerts.command.incidents import register
from tests.alerts.world import DUTY, GOV, HQ, RULES, SYS, TXW, Streams, at

ICP = Signature("B.ICP", ("ICP",), "150722", 3)
TEAM = Signature("TL.1", ("TEAM",), "150721", 3)
NOON = at("12:00")


def assign(**changed: Any) -> AssignTask:
    said = {"task": "T-1", "kind": "guard_dam", "executor": "TL.1", "due": at("16:00"), "feedback": "hourly", "incident": "INC-1"}
    return AssignTask(**({"by": HQ, "now": NOON} | said | changed))


def assigned(**changed: Any) -> TaskAssigned:
    event = given(TASK, rules=RULES).when(assign(**changed)).then_types(TaskAssigned).events[0]
    assert isinstance(event, TaskAssigned)
    return event


def signed(kind: type, by: Signature = TEAM, clock: str = "13:00", **said: Any) -> Any:
    return kind(by=by, now=at(clock), task="T-1", **said)


ACCEPTED = TaskAccepted("T-1", "TL.1", at("13:00"), "INC-1")
FINISHED = TaskProgressReported("T-1", "built", True, "TL.1", at("14:00"), None, "INC-1", ("due",))


def test_work_names_who_does_it_until_when_and_how_to_report():
    event = assigned()
    assert (event.executor, event.roles, event.by, [due.key for due in event.clocks]) == ("TL.1", (), "B.HQ", ["due"])
    bare = assign(executor=None, due=None, feedback=None)
    given(TASK, rules=RULES).when(bare).refused(RuleBroken, "SEED-9", times=3)
    given(TASK, rules=RULES).when(assign(due=NOON)).refused(RuleBroken, "SEED-9")
    assert assigned(by=SYS, executor=None, roles=("ICP",), due=None, feedback=None).clocks == ()


def test_volunteers_are_never_given_work():
    given(TASK, rules=RULES).when(assign(executor=None, roles=("VOL",))).refused(RuleBroken, "VSR-25")
    given(TASK, rules=RULES).when(assign(executor="VOL.7")).refused(RuleBroken, "VSR-25")


@pytest.mark.parametrize(("executor", "rule"), [("MIL.150722", "MIL-7"), ("某部队一连", "MIL-7"), ("VOL.7", "VSR-25")])
def test_work_given_by_whatever_way_reaches_neither_troops_nor_volunteers(executor, rule):
    given(TASK, rules=RULES).when(assign(executor=executor)).refused(RuleBroken, rule, times=1)
    given(TASK, assigned(), rules=RULES).when(signed(DelegateTask, HQ, executor=executor)).refused(RuleBroken, rule, times=1)


def test_a_commander_hands_on_what_lies_below_and_only_who_has_it_what_comes_from_above():
    areas = TASK.handles[DelegateTask].state_areas
    assert areas is not None and TASK.handles[DelegateTask].instead
    region = TASK.fold([assigned(by=replace(HQ, actor="R.HQ", division="150000", level=1))])
    hand = signed(DelegateTask, DUTY, executor="B.POST")
    assert areas(hand, {"task-T-1": region}) == ("150000",)  # where the permission row lets no county in
    assert areas(replace(hand, by=TEAM), {"task-T-1": region}) == ("150721",)
    taken = replace(region, executor="", worked=frozenset({"B.DUTY"}))
    assert areas(hand, {"task-T-1": taken}) == ("150722",)


def test_a_policy_says_it_twice_and_it_is_one_task_but_a_person_takes_another_id():
    given(TASK, assigned(), rules=RULES).when(assign(by=SYS)).then()
    given(TASK, assigned(), rules=RULES).when(assign()).refused(WrongState, "task.life")


def test_what_was_assigned_before_tasks_had_executors_is_still_read():
    old = b'{"task":"T-0","kind":"draft_alert","roles":["SECT"],"subject":"c-1","division":"150722","at":"2021-07-18T02:00:00+08:00"}'
    event = decode("alerts.task.assigned.v1", old)
    assert TASK.fold([event]).status == OPEN and event.executor == ""
    done = decode("alerts.task.completed.v1", b'{"task":"T-0","by":"B.MET1","at":"2021-07-18T02:10:00+08:00"}')
    assert TASK.fold([event, done]).status == DONE
    assert msgspec.json.encode(event.clocks) == b"[]"


def test_who_is_named_takes_it_and_nobody_else():
    given(TASK, assigned(), rules=RULES).when(signed(AcceptTask)).then(ACCEPTED)
    given(TASK, assigned(), rules=RULES).when(signed(AcceptTask, HQ)).refused(NotAllowed, "matrix.3.27")
    of_role = assigned(executor=None, roles=("L4.office", "TEAM"))
    below = ("150722106", "150722", "150700", "150000")
    given(TASK, of_role, rules=RULES).when(signed(AcceptTask, TXW, line=below)).then_types(TaskAccepted)
    given(TASK, of_role, rules=RULES).when(signed(AcceptTask)).refused(NotAllowed)  # a team from elsewhere is named, or not meant
    given(TASK, ACCEPTED, rules=RULES).when(signed(AcceptTask)).refused(NotAllowed)


def test_the_refusal_of_an_official_team_is_kept_not_rejected():
    refused = TaskRefused("T-1", "no boat", "TL.1", True, at("13:00"), "INC-1")
    given(TASK, assigned(), rules=RULES).when(signed(RefuseTask, reason="no boat")).then(refused)
    assert given(TASK, assigned(), rules=RULES).when(signed(RefuseTask)).then_types(TaskRefused).flags == ("A-INCOMPLETE",)
    given(TASK, assigned(), refused, rules=RULES).when(signed(AcceptTask)).then(ACCEPTED)
    given(TASK, assigned(), refused, rules=RULES).when(signed(RefuseTask)).refused(WrongState)


def test_it_is_handed_on_by_who_has_it_or_who_commands():
    handed = TaskDelegated("T-1", "B.POST", "TL.1", "nearer", "TL.1", at("13:00"), "INC-1")
    given(TASK, assigned(), ACCEPTED, rules=RULES).when(signed(DelegateTask, executor="B.POST", reason="nearer")).then(handed)
    given(TASK, assigned(), rules=RULES).when(signed(DelegateTask, ICP, executor="B.POST")).then_types(TaskDelegated)
    given(TASK, assigned(), rules=RULES).when(signed(DelegateTask)).refused(RuleBroken, "SEED-9")
    given(TASK, assigned(), rules=RULES).when(signed(DelegateTask, TXW, executor="T.XW")).refused(NotAllowed)
    given(TASK, assigned(), handed, rules=RULES).when(signed(AcceptTask)).refused(NotAllowed)


def test_progress_is_reported_and_what_is_finished_ends_the_deadline():
    half = (
        given(TASK, assigned(), ACCEPTED, rules=RULES)
        .when(signed(ReportProgress, text="half", percent=50))
        .then_types(TaskProgressReported)
    )
    assert half.events[0].met == ()
    finish = signed(ReportProgress, clock="14:00", text="built", finished=True)
    given(TASK, assigned(), ACCEPTED, rules=RULES).when(finish).then(FINISHED)
    given(TASK, assigned(), rules=RULES).when(signed(ReportProgress, percent=101)).refused(RuleBroken, "task.percent")


def test_another_than_who_did_it_checks_it_and_what_fails_runs_again():
    past = assigned(), ACCEPTED, FINISHED
    given(TASK, *past, rules=RULES).when(signed(VerifyTask, HQ, "15:00")).then(TaskVerified("T-1", True, "", "B.HQ", at("15:00"), "INC-1"))
    given(TASK, *past, rules=RULES).when(signed(VerifyTask, TEAM, "15:00")).refused(NotAllowed, "task.second_person")
    failed = given(TASK, *past, rules=RULES).when(signed(VerifyTask, HQ, "15:00", passed=False)).then_types(TaskVerified).events[0]
    task = TASK.fold([*past, failed])
    assert task.clocks.runs("due") and task.status == "in progress"
    given(TASK, assigned(), rules=RULES).when(signed(VerifyTask, HQ)).refused(WrongState)


def test_done_ends_every_deadline_and_once_is_enough():
    done = TaskCompleted("T-1", "TL.1", at("13:00"), "")
    checked = assigned(), ACCEPTED, FINISHED, TaskVerified("T-1", True, "", "B.HQ", at("14:30"), "INC-1")
    given(TASK, *checked, rules=RULES).when(signed(CompleteTask)).then(done)
    given(TASK, assigned(), done, rules=RULES).when(signed(CompleteTask)).refused(WrongState)
    given(TASK, assigned(), done, rules=RULES).when(signed(CompleteTask, SYS)).then()
    given(TASK, assigned(), rules=RULES).when(signed(CompleteTask, SYS)).then_types(TaskCompleted)
    given(TASK, assigned(), rules=RULES).when(signed(CompleteTask, TXW)).refused(NotAllowed)


def test_it_is_given_up_with_a_reason_by_who_commands_or_has_it():
    aborted = TaskAborted("T-1", "no longer needed", "B.GOV", at("13:00"), "INC-1", ("due",))
    given(TASK, assigned(), rules=RULES).when(signed(AbortTask, GOV, reason="no longer needed")).then(aborted)
    given(TASK, assigned(), rules=RULES).when(signed(AbortTask)).refused(RuleBroken, "task.reason")
    given(TASK, assigned(), rules=RULES).when(signed(AbortTask, TXW, reason="x")).refused(NotAllowed)
    given(TASK, assigned(), aborted, rules=RULES).when(signed(AcceptTask)).refused(WrongState)


def test_it_is_withdrawn_with_what_it_was_for_once():
    withdrawn = TaskWithdrawn("T-1", "the level was lowered", at("13:00"), "INC-1", ("due",))
    withdraw = signed(WithdrawTask, SYS, reason="the level was lowered")
    given(TASK, assigned(), ACCEPTED, rules=RULES).when(withdraw).then(withdrawn)
    given(TASK, assigned(), withdrawn, rules=RULES).when(withdraw).then()


def test_overdue_work_is_told_one_level_further_up_each_time_until_the_top():
    history: list[Any] = [assigned()]
    key, now = "due", at("16:00")
    steps = RULES.value("task.steps")
    for step in range(1, steps + 1):
        escalate = EscalateTaskClock(by=SYS, now=now, task="T-1", key=key)
        early = replace(escalate, now=now - timedelta(seconds=1))
        given(TASK, *history, rules=RULES).when(early).then()
        missed, overdue = given(TASK, *history, rules=RULES).when(escalate).then_types(ClockMissed, TaskOverdue).events
        assert (missed.key, overdue.steps, overdue.due) == (key, step, at("16:00"))
        history += [missed, overdue]
        given(TASK, *history, rules=RULES).when(escalate).then()
        assert [due.key for due in overdue.clocks] == ([f"due.{step + 1}"] if step < steps else [])
        key, now = f"due.{step + 1}", now + timedelta(minutes=30)
    late = given(TASK, *history, rules=RULES).when(signed(CompleteTask, SYS, "20:00")).then_types(TaskCompleted).events[0]
    assert set(late.met) == {"due", "due.2", "due.3", "due.4"}


def test_what_failed_its_check_after_its_time_is_overdue_again_where_it_was_told_last():
    top = RULES.value("task.steps")
    failed = TaskVerified("T-1", False, "it leaks", "B.HQ", at("17:00"), "INC-1", assigned().clocks)
    escalate = EscalateTaskClock(by=SYS, now=at("17:00"), task="T-1", key="due")
    for before, step in ((0, 1), (1, 1), (top - 1, top - 1), (top, top)):
        told = TaskOverdue("T-1", at("16:00"), before, at("16:00"), "INC-1")
        again = given(TASK, assigned(), told, ACCEPTED, FINISHED, failed, rules=RULES).when(escalate).then_types(ClockMissed, TaskOverdue)
        assert again.events[1].steps == step and bool(again.events[1].clocks) == (step < top)


def test_what_was_reported_finished_is_never_overdue():
    escalate = EscalateTaskClock(by=SYS, now=at("16:00"), task="T-1", key="due")
    given(TASK, assigned(), ACCEPTED, FINISHED, rules=RULES).when(escalate).then()


def withdraw(**changed: Any) -> WithdrawTeams:
    return WithdrawTeams(**({"by": ICP, "now": at("15:20"), "withdrawal": "WD-1", "reason": "the dam gives way"} | changed))


def test_teams_leave_danger_at_once_and_their_tasks_rest():
    node = Streams()
    for incident in ("INC-1", "INC-9"):
        node.handle(register(incident))
    node.handle(assign())
    node.handle(assign(task="T-2", executor=None, roles=("TEAM",)))
    node.handle(assign(task="T-3", incident="INC-9", by=replace(HQ, division="150721")))
    node.handle(CompleteTask(by=SYS, now=at("15:00"), task="T-2"))
    decided = node.handle(withdraw(incident="INC-1", tasks=("T-1", "T-2", "T-3", "T-404"), place="below DAM-YA"))
    assert [type(fact) for _, fact in decided.events] == [TeamsWithdrawn, TaskSuspended]  # T-2 is done, T-3 another's, T-404 unknown
    assert decided.basis == "PSER-22"
    assert node.state("task-T-1").status == SUSPENDED
    node.handle(AcceptTask(by=TEAM, now=at("17:00"), task="T-1"))
    assert node.state("task-T-1").status == "accepted"


def test_work_goes_on_for_what_is_closed_and_not_for_what_never_was_or_is_another_by_now():
    for status, error in ((CLOSED, None), (AFTER_CARE, None), (DISMISSED, WrongState), (MERGED, WrongState), (UNKNOWN, NotFound)):
        others = {"incident-INC-1": Incident(incident="INC-1", status=status, division="150722")}
        told = given(TASK, rules=RULES, others=others).when(assign())
        told.then_types(TaskAssigned) if error is None else told.refused(error)
        gone = given(WITHDRAWAL, rules=RULES, others=others).when(withdraw(incident="INC-1"))
        gone.refused(NotFound, "reference") if error is NotFound else gone.then_types(TeamsWithdrawn)


def test_nothing_that_is_missing_holds_a_withdrawal_up():
    decided = given(WITHDRAWAL, rules=RULES).when(withdraw(reason=None)).then_types(TeamsWithdrawn)
    assert decided.flags == ("A-INCOMPLETE",)
    given(WITHDRAWAL, decided.events[0][1], rules=RULES).when(withdraw()).refused(WrongState, "PSER-22")


@pytest.mark.parametrize("by", [DUTY, HQ, TXW])
def test_a_task_for_those_who_warn_is_theirs_as_before(by):
    old = assigned(by=SYS, executor=None, due=None, feedback=None, hazard="11B03")
    assert old.roles == ("SECT.weather",)
    given(TASK, old, rules=RULES).when(signed(CompleteTask, by)).refused(NotAllowed, "matrix.3.27")
