"""What a call-up is for, and what is wrong or missing of it before anybody is asked (VSR art. 12, ERL art. 40)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.volunteers.deciders.callups.commands import Asking, Lines, OfferCallUp
from services.volunteers.deciders.callups.gate import HAZARD
from services.volunteers.deciders.callups.state import NEW, CallUp
from services.volunteers.deciders.forces.commands import Discipline
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure

RISK_TEXT, SKILLS, BACKDATED = "VSR-12", "volunteer.skills", "callup.backdated"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call-up is for: what the command says, else what the call-up said before."""

    incident: str | None
    task: str
    since: datetime | None
    until: datetime | None
    place: str | None
    line: tuple[str, ...]
    risk_text: int | None
    skills: tuple[str, ...]
    hazard: str

    def for_overlap(self, callup: CallUp, call_up: str) -> CallUp:
        """The call-up as far as engagements ask."""
        return CallUp(call_up=call_up, since=self.since, until=self.until, parties=callup.parties)


def terms_of(command: Asking, callup: CallUp, rules: Rules) -> Terms:
    """What the command says, and what the call-up said before."""
    place = command.place or callup.place or command.by.division
    line = callup.line if callup.line and place == callup.place else line_of(place, command.lines)
    return Terms(
        incident=command.incident or callup.incident,
        task=command.task or callup.task,
        since=command.from_ or callup.since,
        until=command.to or callup.until,
        place=place,
        line=line,
        risk_text=command.risk_text if command.risk_text is not None else callup.risk_text,
        skills=command.skills or callup.skills,
        hazard=rules.value(HAZARD).get(command.type) or (command.hazard.value if command.hazard else callup.hazard),
    )


def line_of(place: str | None, lines: Lines) -> tuple[str, ...]:
    """A division with all above it, as far as the edge told."""
    known = next((line for line in lines if line and line[0] == place), None)
    return known or ((place,) if place else ())


def other_terms(callup: CallUp, terms: Terms) -> list[Failure]:
    """What people accepted stays as it was told them: a wave changes neither where and when they go, nor at which risk (VSR art. 12)."""
    if callup.status == NEW:
        return []
    said = (
        ("incident", callup.incident, terms.incident),
        ("place", callup.place, terms.place),
        ("from", callup.since, terms.since),
        ("to", callup.until, terms.until),
        ("risk_text", callup.risk_text, terms.risk_text),
        ("hazard", callup.hazard or None, terms.hazard),
    )
    changed = [(name, was) for name, was, now in said if was is not None and was != now]
    return [Failure("callup.wave", f"{callup.call_up} was offered with {name} {was}: make another call-up", name) for name, was in changed]


def missing(command: Asking, callup: CallUp, terms: Terms, asked: tuple[str, ...]) -> list[Failure]:
    """What people have to be told before they can answer (VSR art. 12)."""
    found = []
    if command.hazard is not None and command.hazard != terms.hazard:
        found.append(Failure(HAZARD, f"{terms.incident} is {command.type}: leave it out, or name {terms.hazard}", "hazard"))
    if isinstance(command, OfferCallUp):
        if not asked:
            found.append(Failure("callup.who", "name who is asked", "volunteers"))
        if terms.risk_text is None:
            found.append(Failure("VSR-12", "name the risk statement they are shown", "risk_text"))
        if command.volunteers and not terms.task:
            found.append(Failure("VSR-12", "say what the task is", "task"))
        if command.quota is not None and command.quota < max(callup.taken, 1):
            found.append(Failure("callup.quota", f"at least {max(callup.taken, 1)}", "quota"))
    if terms.since is None or terms.until is None:
        found.append(Failure("ERL-40.1", "say from when to when: cover is looked at for the whole period", "from"))
    elif terms.since >= terms.until or terms.until <= command.now:
        found.append(Failure("callup.period", "it ends after it begins, and lies ahead", "to"))
    return found


def unknown(command: Asking, callup: CallUp, terms: Terms, rules: Rules) -> Iterable[Failure]:
    """What nobody can read, learn or have done: no such risk statement, skills of no list, a wave gone by, work begun days ago."""
    current: int = rules.value(RISK_TEXT)
    if terms.risk_text is not None and not 1 <= terms.risk_text <= current:
        yield Failure(RISK_TEXT, f"there is no risk statement {terms.risk_text}: name version {current}, which they are shown", "risk_text")
    people, forces = isinstance(command, OfferCallUp) and bool(command.volunteers), command.force is not None
    listed = (*(rules.value(SKILLS) if people else ()), *((one.value for one in Discipline) if forces else ()))
    if odd := [skill for skill in command.skills if skill not in listed]:
        yield Failure(SKILLS, f"{', '.join(odd)[:100]} is not on the list: {', '.join(listed)}", "skills")
    if isinstance(command, OfferCallUp) and command.wave is not None and command.wave < max(callup.wave, 1):
        yield Failure("callup.wave", f"leave it out, or name {max(callup.wave, 1)} or later", "wave")
    earliest = command.now - rules.value(BACKDATED)
    if callup.status == NEW and terms.since is not None and terms.since < earliest:
        yield Failure(BACKDATED, f"from {earliest:%Y-%m-%d %H:%M} on; who was there before came uncalled (RegisterSelfArrival)", "from")
