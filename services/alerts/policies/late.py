"""What a missed deadline of an incident becomes, and when that is over: work for the duty room, which climbs as overdue work does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from services.alerts.deciders.incidents.state import BROUGHT_BY
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.events.clock import ClockMissed
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered

OURS = ("incident", "closure", "triage")  # streams whose missed deadlines nobody else tells of
DUTY = ("EMD.duty", "EMD.officer")


def when_deadline_missed_then_tell_those_above(event: ClockMissed, at: Envelope) -> Iterable[Command]:
    """The work is late when it is given: its first deadline has passed, and the division above is told at once."""
    if at.streamid.partition("-")[0] in OURS:
        yield AssignTask(
            by=system(at),
            now=at.time,
            task=_late(at, event.key),
            kind="missed_deadline",
            subject=at.streamid,
            roles=DUTY,
            incident=at.correlationid,
            due=event.due_at,
            text=event.rule,
            restricted=at.visibility not in ("public", "internal"),
        )


def when_deadline_ended_then_nobody_need_be_told(event: Any, at: Envelope) -> Iterable[Command]:
    """What was owed is done, or owed no longer: the work it became is over."""
    if at.streamid.partition("-")[0] in OURS:
        for how in ("met", "stopped"):
            for key in getattr(event, how, ()):
                yield CompleteTask(by=system(at), now=at.time, task=_late(at, key), outcome=how)


def _late(at: Envelope, key: str) -> str:
    return f"late-{at.streamid}.{key}".replace(BROUGHT_BY, ".")


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
)
