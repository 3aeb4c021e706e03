"""What somebody sees of themself: the registration folded from its facts, the values from the vault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.privacy.events.duties import deletion_asked
from services.volunteers.deciders.hours.service import SERVICE as LEDGER
from services.volunteers.deciders.hours.state import Service
from services.volunteers.deciders.people.folding import LIVE
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.deciders.streams import service_stream, volunteer_stream
from services.volunteers.events.service import CertificateNoted
from services.volunteers.events.volunteer import VolunteerErased
from services.volunteers.projections.holds import held
from services.volunteers.projections.hours import duplicates_of
from services.volunteers.reception.application import TYPED
from services.volunteers.reception.desk import SERVICE, Desk
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Destroyed, Failure, OnHold
from shared.web.host import Host

FILES = ("photo", "certificate")
HELD = "PIPL-47"
OPEN = ("name", "phone", "email", "address", "kin_name", "kin_phone", "health_note")
CORRECTED = ("phone", "email", "address", "kin_name", "kin_phone", "health_note")  # what nobody has to check


@dataclass(frozen=True, slots=True)
class Own:
    """A registration as its owner sees it. `values` is None when there is nothing any more, or while it is `held`."""

    state: Volunteer
    ledgers: tuple[Service, ...]  # the own, and those of registrations that were merged into this one: their hours are theirs too
    values: Mapping[str, str] | None
    files: Mapping[str, bytes]
    certificates: tuple[str, ...]
    facts: tuple[Mapping[str, Any], ...]
    held: bool = False  # locked by law or a proceeding: neither read, changed nor destroyed
    asked: str | None = None  # the request to delete it, while the values are not destroyed yet
    duplicates: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it can be changed."""
        return self.state.status in LIVE

    @property
    def minutes(self) -> int:
        """What counts."""
        return sum(ledger.minutes() for ledger in self.ledgers)


def own_of(host: Host, desk: Desk, volunteer: str) -> Own:
    """Everything there is of somebody. For themself alone."""
    history = host.history(SERVICE, volunteer_stream(volunteer))
    state = VOLUNTEER.fold([recorded.event for recorded in history])
    duplicates = tuple(duplicates_of(host.read(SERVICE), volunteer))
    worked = [[recorded.event for recorded in host.history(SERVICE, service_stream(name))] for name in (volunteer, *duplicates)]
    locked = held(host.read(SERVICE), volunteer)
    values, files = (None, {}) if locked else _values(desk, state)
    facts = tuple({"type": recorded.type, "time": recorded.envelope.time.isoformat()} for recorded in history)
    numbers = tuple(fact.certificate for shifts in worked for fact in shifts if isinstance(fact, CertificateNoted))
    ledgers = tuple(LEDGER.fold(shifts) for shifts in worked)
    return Own(
        state,
        ledgers,
        values,
        files,
        numbers,
        facts,
        locked,
        _asked(desk, history),
        duplicates,
    )


def refuse_held(own: Own) -> None:
    """OnHold while it is locked."""
    if own.held:
        raise OnHold(Failure(HELD, "it is locked by law or a proceeding, and opens again when that is over"))


def _asked(desk: Desk, history: Sequence[Recorded]) -> str | None:
    """Given up and still kept: deletion is decided by privacy, which the page must not call done before it is."""
    last = history[-1] if history else None
    if last is None or not isinstance(last.event, VolunteerErased) or last.event.person is None:
        return None
    try:
        desk.vault.read([last.event.person], ["name"])
    except Destroyed:
        return None
    return deletion_asked(last.event.volunteer, last.envelope)


def _values(desk: Desk, state: Volunteer) -> tuple[Mapping[str, str] | None, Mapping[str, bytes]]:
    if state.person is None or state.status == "erased":
        return None, {}
    try:
        found = desk.vault.read([state.person], [*TYPED, *FILES])[state.person]
    except Destroyed:
        return None, {}
    plain = {name: value.reveal() for name, value in found.items()}
    texts = {name: plain[name] for name in TYPED if name in plain}
    return {name: value for name, value in texts.items() if isinstance(value, str)}, {
        name: value for name in FILES if isinstance(value := plain.get(name), bytes)
    }
