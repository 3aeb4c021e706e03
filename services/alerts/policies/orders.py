"""What follows from an order, a refusal, an evacuation and a full shelter; and which orders end with their response."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.alerts.deciders.derived import derived
from services.alerts.deciders.orders.commands import EndOrder
from services.alerts.deciders.orders.state import ABOVE
from services.alerts.deciders.orders.task import AssignTask, CompleteTask, WithdrawTask
from services.alerts.events.evacuation import EvacuationAmended, EvacuationIssued, EvacueesReturned, HouseholdsCleared
from services.alerts.events.order import OrderAmended, OrderContent, OrderDecidedAbove, OrderEnded, OrderIssued, OrderRevoked
from services.alerts.events.response import ResponseTerminated
from services.alerts.events.shelter import ShelterFull
from services.alerts.events.task import TaskRefused
from shared.handling.declare import Policy
from shared.handling.sentence import policy, restricted, system
from shared.kernel.commands import Code, Command
from shared.kernel.envelope import Envelope

Settled = OrderDecidedAbove | OrderAmended | OrderRevoked | OrderEnded
COMMANDERS, DUTY = ("HQ", "ICP", "GOV"), ("EMD.duty", "HQ")
CLEARERS = ("L4.office", "L5.committee", "TEAM")  # townships carry out, villages assist (domain 3.27)


def when_order_issued_then_assign_it(event: OrderIssued, at: Envelope) -> Iterable[Command]:
    yield _carry_out(event.order, 0, event.content, at)


def when_order_amended_then_withdraw_what_was_asked(event: OrderAmended, at: Envelope) -> Iterable[Command]:
    yield _withdraw(event.order, event.amendment - 1, "the order was amended", at)


def when_order_amended_then_assign_it_anew(event: OrderAmended, at: Envelope) -> Iterable[Command]:
    yield _carry_out(event.order, event.amendment, event.content, at)


def when_order_revoked_then_withdraw_its_task(event: OrderRevoked, at: Envelope) -> Iterable[Command]:
    yield _withdraw(event.order, event.amendment, "the order was revoked", at)


def when_order_ended_then_withdraw_its_task(event: OrderEnded, at: Envelope) -> Iterable[Command]:
    yield _withdraw(event.order, event.amendment, "the order ended", at)


def when_order_waits_for_the_level_above_then_ask_it(event: OrderIssued | OrderAmended, at: Envelope) -> Iterable[Command]:
    """At once, and it is the work of the government there (IDL art. 41). Where nobody said what lies above, the deadline tells it."""
    due = next((due.due_at for due in event.clocks if due.key == ABOVE), None)
    if due is not None and event.above is not None:
        work = _task(at, derived("above", event.order), "decide_above", ("GOV",), event.incident, due)
        yield replace(work, by=replace(work.by, division=event.above))


def when_order_waits_for_nobody_above_then_ask_no_more(event: Settled, at: Envelope) -> Iterable[Command]:
    if ABOVE in (event.met if isinstance(event, OrderDecidedAbove) else event.stopped):
        yield CompleteTask(by=system(at), now=at.time, task=derived("above", event.order), outcome=at.type)


def when_response_terminated_then_end_its_orders(event: ResponseTerminated, at: Envelope) -> Iterable[Command]:
    for order in event.orders_ended:
        reason = f"with the response {event.activation}"
        yield EndOrder(by=system(at), now=at.time, order=order, reason=reason, activation=event.activation)


def when_task_refused_then_ask_who_commands(event: TaskRefused, at: Envelope) -> Iterable[Command]:
    if event.official:  # what others decline is theirs to decline
        task = derived("refusal", f"{event.task}.{at.streamversion}")
        yield _task(at, task, "decide_refusal", COMMANDERS, event.incident)


def when_evacuation_issued_then_assign_clearing(event: EvacuationIssued, at: Envelope) -> Iterable[Command]:
    yield _clear(at, event, 1, event.areas, event.due)


def when_evacuation_issued_then_ask_for_what_is_missing(event: EvacuationIssued, at: Envelope) -> Iterable[Command]:
    if event.missing:
        yield _task(at, derived("complete", event.evacuation), "complete_evacuation", DUTY, event.incident)


def when_evacuation_amended_and_nothing_is_missing_then_ask_no_more(event: EvacuationAmended, at: Envelope) -> Iterable[Command]:
    if not event.missing:
        yield CompleteTask(by=system(at), now=at.time, task=derived("complete", event.evacuation), outcome="amended")


def when_evacuation_amended_after_it_was_cleared_then_assign_clearing_anew(event: EvacuationAmended, at: Envelope) -> Iterable[Command]:
    if event.reopened:
        yield _clear(at, event, event.round, event.areas, event.due)


def when_households_cleared_then_ask_for_what_is_missing(event: HouseholdsCleared, at: Envelope) -> Iterable[Command]:
    if event.missing and not event.doubts:
        yield _task(at, derived("count", event.evacuation), "count_evacuees", DUTY, event.incident)


def when_households_cleared_then_clearing_is_done(event: HouseholdsCleared, at: Envelope) -> Iterable[Command]:
    if event.whole:
        yield CompleteTask(by=system(at), now=at.time, task=_clearing(event.evacuation, event.round), outcome="cleared")


def when_people_are_left_after_it_was_cleared_then_assign_clearing_anew(event: HouseholdsCleared, at: Envelope) -> Iterable[Command]:
    if event.round > 1 and not event.whole and not event.doubts:  # said again in the same round it is the same task
        yield _clear(at, event, event.round, (event.area,) if event.area else ())


def when_evacuees_returned_then_withdraw_what_was_asked(event: EvacueesReturned, at: Envelope) -> Iterable[Command]:
    before = range(1, event.doubted + (not event.doubts))  # but its own number, which is looked at from now on
    asked = [derived(kind, event.evacuation) for kind in ("complete", "count", "beyond")]
    for task in (_clearing(event.evacuation, event.round), *asked, *(_checking(event.evacuation, n) for n in before)):
        yield WithdrawTask(by=system(at), now=at.time, task=task, reason="people are home again")


def when_evacuation_has_no_place_then_find_another(event: EvacuationIssued | EvacuationAmended, at: Envelope) -> Iterable[Command]:
    if event.over:
        yield _task(at, derived("beyond", event.evacuation), "open_another_shelter", DUTY, event.incident)


def when_numbers_of_people_are_in_doubt_then_look(event: HouseholdsCleared | EvacueesReturned, at: Envelope) -> Iterable[Command]:
    """Who looks reports the right ones, with a note."""
    if event.doubts:
        task = _task(at, _checking(event.evacuation, event.doubted), "check_evacuees", DUTY, event.incident)
        yield replace(task, text=f"{', '.join(event.doubts)}: {event.people} of {event.by}")


def when_shelter_full_then_find_another(event: ShelterFull, at: Envelope) -> Iterable[Command]:
    yield _task(at, derived("beyond", f"{event.shelter}.{at.streamversion}"), "open_another_shelter", DUTY, event.incident)


def _carry_out(order: str, amendment: int, content: OrderContent, at: Envelope) -> AssignTask:
    return AssignTask(
        by=system(at),
        now=at.time,
        task=derived("order", f"{order}.{amendment}"),
        kind="carry_out_order",
        subject=at.streamid,
        executor=content.executor,
        due=content.due,
        feedback=content.feedback,
        text=content.text or content.measure_type,
        incident=at.correlationid,
        restricted=restricted(at),
    )


def _clear(
    at: Envelope,
    event: EvacuationIssued | EvacuationAmended | HouseholdsCleared,
    round: int,
    areas: tuple[str, ...],
    due: datetime | None = None,
) -> AssignTask:
    """It is the work of those areas, and of nobody beside them."""
    work = _task(at, _clearing(event.evacuation, round), "clear_area", CLEARERS, event.incident, due)
    return replace(work, areas=tuple(map(Code, areas)))


def _clearing(evacuation: str, round: int) -> str:
    """The task of a round of clearing; that of the first has no number."""
    return derived("clear", evacuation, n=round if round > 1 else 0)


def _checking(evacuation: str, number: int) -> str:
    """The task of looking at the n-th number that was in doubt."""
    return derived("doubted", evacuation, n=number)


def _withdraw(order: str, amendment: int, reason: str, at: Envelope) -> WithdrawTask:
    return WithdrawTask(by=system(at), now=at.time, task=derived("order", f"{order}.{amendment}"), reason=reason)


def _task(at: Envelope, task: str, kind: str, roles: tuple[str, ...], incident: str | None, due: datetime | None = None) -> AssignTask:
    return AssignTask(
        by=system(at),
        now=at.time,
        task=task,
        kind=kind,
        subject=at.streamid,
        roles=roles,
        incident=incident,
        due=due,
        restricted=restricted(at),
    )


_ISSUED, _AMENDED, _CLEARED = "alerts.evacuation.issued.v1", "alerts.order.amended.v1", "alerts.evacuation.households_cleared.v1"
_REACHED = "alerts.evacuation.amended.v1"

ORDERS: tuple[Policy, ...] = (
    policy("alerts.order.issued.v1", when_order_issued_then_assign_it),
    policy(_AMENDED, when_order_amended_then_withdraw_what_was_asked),
    policy(_AMENDED, when_order_amended_then_assign_it_anew),
    policy("alerts.order.revoked.v1", when_order_revoked_then_withdraw_its_task),
    policy("alerts.order.ended.v1", when_order_ended_then_withdraw_its_task),
    policy("alerts.order.issued.v1", when_order_waits_for_the_level_above_then_ask_it, _AMENDED),
    policy(
        "alerts.order.decided_above.v1",
        when_order_waits_for_nobody_above_then_ask_no_more,
        _AMENDED,
        "alerts.order.revoked.v1",
        "alerts.order.ended.v1",
    ),
    policy("alerts.response.terminated.v1", when_response_terminated_then_end_its_orders),
    policy("alerts.task.refused.v1", when_task_refused_then_ask_who_commands),
    policy(_ISSUED, when_evacuation_issued_then_assign_clearing),
    policy(_ISSUED, when_evacuation_issued_then_ask_for_what_is_missing),
    policy(_REACHED, when_evacuation_amended_and_nothing_is_missing_then_ask_no_more),
    policy(_REACHED, when_evacuation_amended_after_it_was_cleared_then_assign_clearing_anew),
    policy(_CLEARED, when_households_cleared_then_ask_for_what_is_missing),
    policy(_CLEARED, when_households_cleared_then_clearing_is_done),
    policy(_CLEARED, when_people_are_left_after_it_was_cleared_then_assign_clearing_anew),
    policy("alerts.evacuation.returned.v1", when_evacuees_returned_then_withdraw_what_was_asked),
    policy(_ISSUED, when_evacuation_has_no_place_then_find_another, _REACHED),
    policy(_CLEARED, when_numbers_of_people_are_in_doubt_then_look, "alerts.evacuation.returned.v1"),
    policy("alerts.shelter.full.v1", when_shelter_full_then_find_another),
)
