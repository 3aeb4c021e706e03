"""What a missed deadline becomes, and when that is over: work for the duty room, which climbs as overdue work does (domain 2.17, IR-19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from services.alerts.deciders.derived import derived
from services.alerts.deciders.incidents.state import BROUGHT_BY
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.events.clock import ClockMissed
from services.registry.events.rosters import HandOverAcknowledged, HandOverMissed
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered

# Streams whose missed deadlines nobody else tells of: reports and tasks tell themselves, plans and responses ask for what they are owed.
OURS = ("incident", "closure", "triage", "order", "evacuation", "rumour", "drill", "flight")
DUTY = ("EMD.duty", "EMD.officer")


def when_deadline_missed_then_tell_those_above(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    if at.streamid.partition("-")[0] in OURS:
        yield _told(at, _late(at, event.key), "missed_deadline", event.due_at, event.rule)


def when_deadline_ended_then_nobody_need_be_told(event: Any, at: Envelope) -> Iterable[Command]:
    """What was owed is done, or owed no longer: the work it became is over."""
    if at.streamid.partition("-")[0] in OURS:
        for how in ("met", "stopped"):
            for key in getattr(event, how, ()):
                yield CompleteTask(by=system(at), now=at.time, task=_late(at, key), outcome=how)


def when_hand_over_missed_then_tell_those_above(event: HandOverMissed, at: Envelope) -> Iterable[Command]:
    """One piece of work for a roster, however many shifts nobody took over: the next who does ends it."""
    text = f"{event.post} did not take over; on duty: {event.standing_in or 'nobody'}"
    yield _told(at, _handover(event), "missed_handover", event.due_at, text)


def when_hand_over_acknowledged_then_nobody_need_be_told(event: HandOverAcknowledged, at: Envelope) -> Iterable[Command]:
    yield CompleteTask(by=system(at), now=at.time, task=_handover(event), outcome=event.post)


def _told(at: Envelope, task: str, kind: str, due: datetime, text: str) -> AssignTask:
    """The work is late when it is given: its first deadline has passed, and the division above is told at once."""
    return AssignTask(
        by=system(at),
        now=at.time,
        task=task,
        kind=kind,
        subject=at.streamid,
        roles=DUTY,
        incident=at.correlationid,
        due=due,
        text=text,
        restricted=at.visibility not in ("public", "internal"),
    )


def _late(at: Envelope, key: str) -> str:
    return derived("late", f"{at.streamid}.{key}".replace(BROUGHT_BY, "."))


def _handover(event: HandOverMissed | HandOverAcknowledged) -> str:
    return derived("handover", event.roster)


_ENDING = tuple(
    dict.fromkeys(
        family(name)
        for name, fact in registered("alerts")
        if name.split(".")[1] in OURS and {"met", "stopped"}.intersection(one.name for one in fields(fact))
    )
)
LATE: tuple[Policy, ...] = (
    policy("alerts.clock.missed.v1", when_deadline_missed_then_tell_those_above),
    Policy(when_deadline_ended_then_nobody_need_be_told.__name__, _ENDING, when_deadline_ended_then_nobody_need_be_told),
    policy("registry.handover.missed.v1", when_hand_over_missed_then_tell_those_above),
    policy("registry.handover.acknowledged.v1", when_hand_over_acknowledged_then_nobody_need_be_told),
)
