"""What is known of a force, folded from the facts (domain 3.16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.volunteers.deciders.streams import force_stream
from services.volunteers.events.force import Gear
from services.volunteers.events.validity import Cover, Member, Valid
from shared.blocks.clocks import STILL, Clocks
from shared.kernel.decider import About
from shared.kernel.errors import Failure, WrongState

NEW, APPLIED, RETURNED, FILED = "new", "applied", "returned", "filed"
READY, STANDING_BY, SUSPENDED, DEREGISTERED = "ready", "standing by", "suspended", "deregistered"
SOCIAL = "social"


@dataclass(frozen=True, slots=True)
class Force:
    """A force. Its status is that of the filing and its own report; whether it is deployed is kept by the stream of engagements."""

    force: str = ""
    status: str = NEW
    kind: str = SOCIAL
    disciplines: tuple[str, ...] = ()
    grades: tuple[tuple[str, str, Valid], ...] = ()  # discipline, grade, validity
    home: str | None = None
    contract: bool = False
    contract_with: str | None = None
    leader: str = ""
    members: tuple[Member, ...] = ()
    gear: tuple[Gear, ...] = ()
    covers: tuple[Cover, ...] = ()
    registration: str | None = None
    host_unit: str | None = None
    applied_by: str = ""
    stand_by: tuple[str | None, str | None] = (None, None)  # alert and measure it stands by for
    clocks: Clocks = STILL

    @property
    def ordered(self) -> bool:
        """Whether it goes on an order: contracted, and every force that is not a social one (PSER-19.1); others get an offer."""
        return self.contract or self.kind != SOCIAL

    @property
    def callable(self) -> bool:
        """Whether it may be called at all: on file, and not suspended or deregistered."""
        return self.status in (FILED, READY, STANDING_BY)

    def grade(self, discipline: str, at: datetime) -> str | None:
        """The grade of a discipline as it holds at a moment; None when it was never assessed, or no longer holds."""
        return next((grade for name, grade, valid in self.grades if name == discipline and valid.at(at)), None)


def not_a_force(name: str, states: Mapping[str, Any]) -> None:
    """People and forces share no id: engagements and hours are theirs by id. WrongState."""
    if states[force_stream(name)].status != NEW:
        raise WrongState(Failure("force.id", f"{name} is a force: give the person a number of their own", "volunteer"))


def about(force: Force) -> About:
    """The organs of the own chain; a roster is never published (VSR art. 20, 21)."""
    return About(force.home)
