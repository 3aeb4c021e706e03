"""The campaigns for an incident: when its response ends or begins again, each publishes by another term (CHL art. 72, 79)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.resources.deciders.donations.campaign_state import Campaign, disclosing
from services.resources.deciders.streams import appeals_stream, campaign_stream
from services.resources.events.campaign import AppealNoted, CampaignPhaseChanged, ResponsePhaseNoted
from shared.blocks.clocks import Due
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResponsePhase(Command):
    """A response to an incident is over, or begins; without an activation, all of it. Only policies send it."""

    incident: PublicId
    activation: PublicId | None = None
    over: bool = True
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Appeals:
    """Open campaigns for an incident."""

    incident: str = ""
    over: bool = False
    running: tuple[str, ...] = ()  # activations
    campaigns: tuple[str, ...] = ()
    division: str | None = None
    restricted: bool = False


def decide(command: NoteResponsePhase, states: Mapping[str, Any], rules: Rules) -> Sequence[Any]:
    """Said again it changes nothing."""
    own = appeals_stream(command.incident)
    appeals: Appeals = states[own]
    others = tuple(one for one in appeals.running if one != command.activation)
    if command.activation is None:
        running, over = (() if command.over else appeals.running), command.over
    else:
        running = others if command.over else (*others, command.activation)
        over = not running
    if (over, set(running)) == (appeals.over, set(appeals.running)):
        return []
    secret = command.restricted or appeals.restricted
    noted = (own, ResponsePhaseNoted(command.incident, over, running, command.now, appeals.division or command.by.division, secret))
    if over == appeals.over:
        return [noted]
    due = disclosing(over, command.now, rules)
    changed = ((campaign_stream(one), states[campaign_stream(one)]) for one in appeals.campaigns)
    return [noted, *((own, CampaignPhaseChanged(one.campaign, over, command.now, _anew(one, due, command.now))) for own, one in changed)]


def _anew(campaign: Campaign, due: Due, now: datetime) -> tuple[Due, ...]:
    """The other term. What is late is still owed, and a response that begins gives nobody more time than there was."""
    before = campaign.clocks.get(due.key)
    runs = before is not None and campaign.clocks.runs(due.key)
    if before is not None and runs and (before.due_at <= now or (campaign.response_over and before.due_at < due.due_at)):
        return ()
    return (due,)


def evolve(appeals: Appeals, event: AppealNoted | ResponsePhaseNoted) -> Appeals:
    """The appeals after the event."""
    if isinstance(event, ResponsePhaseNoted):
        here = replace(appeals, division=event.division, restricted=event.restricted)
        return replace(here, incident=event.incident, over=event.over, running=event.running)
    others = tuple(one for one in appeals.campaigns if one != event.campaign)
    return replace(appeals, incident=event.incident, campaigns=(*others, event.campaign) if event.open else others)


def _campaigns(command: NoteResponsePhase, states: Mapping[str, Any]) -> tuple[str, ...]:
    appeals = states.get(appeals_stream(command.incident))
    return tuple(map(campaign_stream, appeals.campaigns)) if isinstance(appeals, Appeals) else ()


APPEALS = Decider(
    category="appeals",
    initial=Appeals(),
    decide=decide,
    evolve=evolve,
    about=lambda appeals: About(appeals.division, "restricted" if appeals.restricted else "internal", appeals.incident or None),
    handles={NoteResponsePhase: Handles(lambda c: (appeals_stream(c.incident),), creates=True, further=_campaigns)},
    joint=frozenset({NoteResponsePhase}),
)
