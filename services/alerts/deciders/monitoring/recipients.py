"""Who is asked to acknowledge warnings of an area, or below a hazard source (ERL art. 65)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.alerts.deciders.monitoring.hazard import Hazard
from services.alerts.deciders.monitoring.registers import SetRecipients
from services.alerts.deciders.streams import hazard_stream, recipients_stream
from services.alerts.events.registers import Recipient, RecipientsSet
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

MOST = 2_000  # on one list: keeps the event below its limit, and one asking within one commit


@dataclass(frozen=True, slots=True)
class Roster:
    """The list as it stands."""

    recipients: tuple[Recipient, ...] = ()
    division: str | None = None
    known: bool = False


def decide(command: SetRecipients, states: Mapping[str, Any], rules: Rules) -> Sequence[tuple[str, RecipientsSet]]:
    """The new list, unless nothing changes. Nobody is on it twice."""
    stream = recipients_stream(command.list)
    roster: Roster = states[stream]
    twice = [actor for actor, times in Counter(one.actor for one in command.recipients).items() if times > 1]
    failures = [Failure("alert.recipients", f"{actor} is on the list twice", "recipients") for actor in twice]
    if len(command.recipients) > MOST:
        failures.append(Failure("limit.recipients", f"a list holds at most {MOST}", "recipients"))
    refuse_all(RuleBroken, failures)
    if roster.known and roster.recipients == command.recipients:
        return []
    (division,) = _whose(command, states)
    return [(stream, RecipientsSet(command.list, command.recipients, division, command.now))]


def evolve(roster: Roster, event: RecipientsSet) -> Roster:
    """The list after the event."""
    return Roster(event.recipients, event.division, known=True)


def about(roster: Roster) -> About:
    """Internal to the organs of the own chain."""
    return About(roster.division)


def _whose(command: SetRecipients, states: Mapping[str, Any]) -> tuple[str]:
    """A hazard source's list belongs where the source lies; any other name must be a division's, and it is its list."""
    source: Hazard | None = states[hazard_stream(command.list)]
    return (source.entry.division if source and source.entry else command.list,)


RECIPIENTS = Decider(
    category="recipients",
    initial=Roster(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        SetRecipients: Handles(lambda c: (recipients_stream(c.list), hazard_stream(c.list)), state_areas=_whose, creates=True),
    },
    joint=frozenset({SetRecipients}),
)
