"""What opens and settles an item that closing an incident waits for."""

from __future__ import annotations

from collections.abc import Iterable

from services.alerts.deciders.incidents.commands import OpenClosureItem, SettleClosureItem
from services.alerts.events.military import MilitaryHelpAnswered, MilitaryHelpRequested, MilitarySupportEnded
from services.alerts.events.shelter import ShelterClosed, ShelterOpened
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope

SHELTER, MILITARY = "shelter", "military"


def opened(at: Envelope, incident: str | None, kind: str, item: str) -> Iterable[Command]:
    """Closing waits for it; what belongs to no incident keeps none open."""
    if incident is not None:
        yield OpenClosureItem(by=system(at), now=at.time, incident=incident, item=item, kind=kind)


def settled(at: Envelope, incident: str | None, kind: str, item: str, how: str) -> Iterable[Command]:
    """Closing waits for it no longer."""
    if incident is not None:
        yield SettleClosureItem(by=system(at), now=at.time, incident=incident, item=item, kind=kind, how=how)


def when_shelter_opened_then_it_is_carried_at_the_close(event: ShelterOpened, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, SHELTER, event.shelter)


def when_shelter_closed_then_nobody_is_in_it(event: ShelterClosed, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, SHELTER, event.shelter, "closed")


def when_military_help_requested_then_closing_waits(event: MilitaryHelpRequested, at: Envelope) -> Iterable[Command]:
    yield from opened(at, event.incident, MILITARY, event.request)


def when_military_help_declined_then_closing_waits_no_longer(event: MilitaryHelpAnswered, at: Envelope) -> Iterable[Command]:
    if not event.agreed:
        yield from settled(at, event.incident, MILITARY, event.request, "declined")


def when_military_support_ended_then_closing_waits_no_longer(event: MilitarySupportEnded, at: Envelope) -> Iterable[Command]:
    yield from settled(at, event.incident, MILITARY, event.request, "ended")


CLOSING: tuple[Policy, ...] = (
    policy("alerts.shelter.opened.v1", when_shelter_opened_then_it_is_carried_at_the_close),
    policy("alerts.shelter.closed.v1", when_shelter_closed_then_nobody_is_in_it),
    policy("alerts.military.requested.v1", when_military_help_requested_then_closing_waits),
    policy("alerts.military.answered.v1", when_military_help_declined_then_closing_waits_no_longer),
    policy("alerts.military.ended.v1", when_military_support_ended_then_closing_waits_no_longer),
)
