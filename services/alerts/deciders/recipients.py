"""Who is asked to acknowledge warnings of an area, or below a hazard source (ERL art. 65)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.deciders.registers import SetRecipients
from services.alerts.deciders.streams import recipients_stream
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


def decide(command: SetRecipients, roster: Roster, rules: Rules) -> Sequence[RecipientsSet]:
    """The new list, unless nothing changes. Nobody is on it twice."""
    twice = [actor for actor, times in Counter(one.actor for one in command.recipients).items() if times > 1]
    failures = [Failure("alert.recipients", f"{actor} is on the list twice", "recipients") for actor in twice]
    if len(command.recipients) > MOST:
        failures.append(Failure("limit.recipients", f"a list holds at most {MOST}", "recipients"))
    refuse_all(RuleBroken, failures)
    if roster.known and roster.recipients == command.recipients:
        return []
    return [RecipientsSet(command.list, command.recipients, roster.division or _division(command), command.now)]


def evolve(roster: Roster, event: RecipientsSet) -> Roster:
    """The list after the event."""
    return Roster(event.recipients, event.division, known=True)


def about(roster: Roster) -> About:
    """Internal to the organs of the own chain."""
    return About(roster.division)


def _division(command: SetRecipients) -> str | None:
    """An area's list belongs to the area, so that no neighbour can claim it; any other to the organ that keeps it."""
    return command.list if command.list.isdecimal() else command.by.division


def _areas(command: SetRecipients) -> tuple[str, ...]:
    division = _division(command)
    return (division,) if division else ()


RECIPIENTS = Decider(
    category="recipients",
    initial=Roster(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={SetRecipients: Handles(lambda c: (recipients_stream(c.list),), areas=_areas, creates=True)},
)
