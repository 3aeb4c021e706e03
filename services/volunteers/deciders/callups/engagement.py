"""Nobody is promised twice: what a volunteer, a force or a member of one is promised to, and for when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.state import CallUp, Party
from services.volunteers.deciders.streams import engagement_stream
from services.volunteers.events.engagement import ArrivalTaken, EngagementAsked, EngagementEvent, EngagementReleased, EngagementTaken
from shared.kernel.decider import About
from shared.kernel.errors import Failure

Facts = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Engagement:
    """The call-ups a holder belongs to; no two of them overlap. `waiting` are those whose gate is not passed yet."""

    holds: Mapping[str, EngagementTaken] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    past: Mapping[str, EngagementTaken] = field(default_factory=dict)  # released, as far as they lasted: hours may be told late
    division: str | None = None
    arrivals: Mapping[str, ArrivalTaken] = field(default_factory=dict)  # uncalled, by incident
    asked: Mapping[str, datetime] = field(default_factory=dict)  # call-ups they were asked to, with their ends
    begun: Mapping[str, datetime] = field(default_factory=dict)  # when each call-up was first asked of them or taken: none is older

    @property
    def call_ups(self) -> tuple[str, ...]:
        """Those held and those waited for."""
        return (*self.holds, *sorted(self.waiting - self.holds.keys()))

    def asked_at(self, moment: datetime) -> tuple[str, ...]:
        """Call-ups they were asked to, or are on the reserve of, that are not over and hold nobody of them."""
        return tuple(name for name, until in self.asked.items() if until > moment and name not in self.call_ups)

    def before(self, call_up: str, since: datetime, now: datetime) -> EngagementTaken | None:
        """Another call-up that comes first and is not over."""
        others = (hold for hold in self.holds.values() if hold.call_up != call_up and hold.since < since and hold.until > now)
        return min(others, key=lambda hold: hold.since, default=None)

    def overlapping(self, call_up: str, party: str, since: datetime, until: datetime) -> EngagementTaken | None:
        """What else wants the holder at the same time: another call-up, or the same one through another party."""
        return next(
            (
                hold
                for other, hold in self.holds.items()
                if (other != call_up or hold.party != party) and hold.since < until and since < hold.until
            ),
            None,
        )

    def at(self, moment: datetime, call_up: str | None, incident: str | None) -> EngagementTaken | None:
        """What somebody works for at a moment: of those asked for, the one whose period it is in. Who comes before the hour comes
        on its day (own default). What was released counts for the time before."""
        fitting = [
            hold
            for hold in (*self.holds.values(), *self.past.values())
            if (call_up is None or hold.call_up == call_up)
            and (incident is None or hold.incident in (None, incident))
            and hold.since.astimezone(moment.tzinfo).date() <= moment.date()
            and moment < hold.until
        ]
        return min(fitting, key=lambda hold: (hold.since > moment, hold is self.past.get(hold.call_up)), default=None)


def engaged(states: Mapping[str, Any], holder: str) -> Engagement:
    """The engagement of a holder among the states of a joint command."""
    found = states.get(engagement_stream(holder))
    return found if isinstance(found, Engagement) else Engagement()


def overlaps(callup: CallUp, party: str, holders: tuple[str, ...], states: Mapping[str, Any]) -> list[Failure]:
    """Who of a party's people is promised elsewhere for the same time, or here through another party: hours count once."""
    assert callup.since and callup.until
    found = []
    for holder in holders:
        other = engaged(states, holder).overlapping(callup.call_up, party, callup.since, callup.until)
        if other is not None:
            through = f" through {other.party}" if other.party not in ("", holder) else ""
            found.append(Failure("callup.overlap", f"{holder} is engaged in {other.call_up}{through}"))
    return found


def taken(callup: CallUp, party: Party, now: datetime) -> Facts:
    """The holder and every member of it belong to the call-up."""
    assert callup.since and callup.until
    return [
        (
            engagement_stream(holder),
            EngagementTaken(
                holder, callup.call_up, callup.incident, callup.since, callup.until, callup.division, now, party.holder, callup.task
            ),
        )
        for holder in party.promised
    ]


def released(callup: CallUp, party: Party, states: Mapping[str, Any], now: datetime, waiting: bool = False) -> Facts:
    """Whoever the call-up holds through this party is free again; all of it may wait for the gate."""
    return [
        (engagement_stream(holder), EngagementReleased(holder, callup.call_up, now, waiting and holder == party.holder))
        for holder in party.promised
        if _held(engaged(states, holder), callup.call_up, party.holder, holder)
    ]


def _held(engagement: Engagement, call_up: str, party: str, holder: str) -> bool:
    hold = engagement.holds.get(call_up)
    if hold is not None:
        return hold.party == party
    return call_up in engagement.waiting and holder == party


def evolve(engagement: Engagement, event: EngagementEvent) -> Engagement:
    """The engagement after the event."""
    if isinstance(event, ArrivalTaken):
        arrivals = {**engagement.arrivals, event.incident: event}
        return replace(engagement, arrivals=arrivals, division=engagement.division or event.division)
    if isinstance(event, EngagementAsked):
        asked = {name: until for name, until in engagement.asked.items() if until > event.at} | {event.call_up: event.until}
        begun = {event.call_up: event.at} | dict(engagement.begun)
        return replace(engagement, asked=asked, begun=begun, division=engagement.division or event.division)
    if isinstance(event, EngagementTaken):
        holds = {**engagement.holds, event.call_up: event}
        begun = {event.call_up: min(event.since, event.at)} | dict(engagement.begun)  # who was not asked by name went when it began
        return replace(engagement, holds=holds, waiting=engagement.waiting - {event.call_up}, begun=begun, division=event.division)
    hold = engagement.holds.get(event.call_up)
    past = engagement.past
    if hold is not None and not event.waiting and event.at > hold.since:
        past = {**past, event.call_up: replace(hold, until=min(hold.until, event.at))}
    kept = {name: hold for name, hold in engagement.holds.items() if name != event.call_up}
    waiting = engagement.waiting | {event.call_up} if event.waiting else engagement.waiting - {event.call_up}
    return replace(engagement, holds=kept, waiting=waiting, past=past)


def about(engagement: Engagement) -> About:
    """Internal to the organs where the work is."""
    return About(engagement.division)
