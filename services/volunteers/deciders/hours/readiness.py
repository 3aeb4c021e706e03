"""Whether somebody may begin to work: the gate holds for who did not set out, and for who came uncalled (ERL art. 39, 40; VSR art. 24)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.arriving import unready as arrived_unready
from services.volunteers.deciders.callups.gate import verdict
from services.volunteers.deciders.callups.state import ACCEPTED, OPEN, CallUp, Party
from services.volunteers.deciders.streams import callup_stream, force_stream, volunteer_stream
from services.volunteers.events.engagement import ArrivalTaken, EngagementTaken
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

Work = EngagementTaken | ArrivalTaken


def unready(person: str, work: Work, at: datetime, states: Mapping[str, Any], rules: Rules) -> list[Failure]:
    """What stands against it. Who departed or arrived passed the gate; of what is over, hours are only told."""
    if isinstance(work, ArrivalTaken):
        return arrived_unready(states[volunteer_stream(person)], person, at, rules)
    callup: CallUp = states[callup_stream(work.call_up)]
    party = callup.parties.get(work.party or person)
    if party is None or callup.status != OPEN or party.status != ACCEPTED:
        return []
    return [Failure(fault.rule, f"{person}: {fault.cure}", "people") for fault in verdict(callup, party, states, rules).refusal()]


def asked_for(person: str, work: Work | None, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams that `unready` looks at, as far as those before name them."""
    if work is None:
        return ()
    if isinstance(work, ArrivalTaken):
        return (volunteer_stream(person),)
    callup = states.get(callup_stream(work.call_up))
    party: Party | None = callup.parties.get(work.party or person) if isinstance(callup, CallUp) else None
    if party is None:
        return (callup_stream(work.call_up),)
    if not party.force:
        return (callup_stream(work.call_up), volunteer_stream(party.holder))
    return (callup_stream(work.call_up), force_stream(party.holder), *map(volunteer_stream, party.members))
