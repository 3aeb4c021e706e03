"""A small stage for call-ups and hours: streams in memory, deciders and policies of the service, the product's own rules."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.volunteers.events.force import ForceCoverNoted, ForceFiled, ForceFilingApplied
from services.volunteers.events.validity import Cover, Member, Valid
from services.volunteers.events.volunteer import (
    FitnessSet,
    TrainingRecorded,
    VolunteerApproved,
    VolunteerCoverNoted,
    VolunteerRegistered,
)
from services.volunteers.service import VOLUNTEERS
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided
from shared.kernel.events import family, type_of
from tests.rulebook import rulebook

ROOT = Path(__file__).parents[2]
BANNER, CITY, REGION, NEXT_BANNER, DISTRICT = "150722", "150700", "150000", "150721", "150702"
LINES = (*((code, CITY, REGION) for code in (BANNER, NEXT_BANNER, DISTRICT)), (CITY, REGION), (REGION,))

HQ = Signature("B.HQ", ("HQ",), BANNER, 3)
OFF = Signature("B.OFF", ("EMD.officer",), BANNER, 3)
ICP = Signature("B.ICP", ("ICP",), BANNER, 3)
LEAD = Signature("B.LEAD", ("TASK.lead",), BANNER, 3)
GOV = Signature("B.GOV", ("GOV",), BANNER, 3)
CITY_HQ = Signature("C.HQ", ("HQ",), CITY, 2)
OTHER_HQ = Signature("A.HQ", ("HQ",), NEXT_BANNER, 3)
TOWN = Signature("T.XW", ("L4.office",), "150722106", 4)
LEADER1 = Signature("TL.1", ("TEAM",), NEXT_BANNER, 3)
LEADER2 = Signature("TL.2", ("TEAM",), DISTRICT, 3)
SYS = Signature("SYS", ("SYS",), BANNER)


def vol(name: str) -> Signature:
    """A volunteer acting for themself."""
    return Signature(name, ("VOL",), BANNER, 3)


def at(clock: str, day: int = 18) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


RULES = rulebook("volunteers/rules", "alerts/rules", "privacy/rules")


class Stage:
    """Streams in memory. `do` decides one command and lets policies follow until nothing moves."""

    def __init__(self, policies: bool = True) -> None:
        self.states: dict[str, Any] = {}
        self.versions: dict[str, int] = defaultdict(int)
        self.log: list[tuple[str, Any]] = []
        self.policies = VOLUNTEERS.policies if policies else ()

    def state(self, stream: str) -> Any:
        return self.states.get(stream, VOLUNTEERS.decider_of(stream).initial)

    def has(self, stream: str, *facts: Any) -> Stage:
        """These facts are past, and nothing follows from them."""
        for fact in facts:
            self._fold(stream, fact)
        return self

    def decide(self, command: Command) -> tuple[str, Decided]:
        """What the decider says, without any effect."""
        _, decider, handles = VOLUNTEERS.handler(type(command).__name__)
        names = handles.streams(command)
        states = {stream: self.state(stream) for stream in names}
        while more := [one for one in (handles.further(command, states) if handles.further else ()) if one not in states]:
            states |= {stream: self.state(stream) for stream in more}
        result = decider.decide(command, states if type(command) in decider.joint else states[names[0]], RULES)
        return names[0], result if isinstance(result, Decided) else Decided(result)

    def do(self, command: Command) -> Decided:
        """Decide it, keep the facts, and let policies follow. Refusals are raised."""
        own, decided = self.decide(command)
        self._follow(self._keep(own, decided, command.now))
        return decided

    def note(self, stream: str, fact: Any, now: datetime) -> None:
        """A fact of another aggregate, with what follows from it."""
        self._follow(self._keep(stream, Decided([fact]), now))

    def types(self, since: int = 0) -> list[str]:
        """What happened, by short name, without what joint streams note."""
        return [".".join(type_of(fact).split(".")[1:3]) for _, fact in self.log[since:]]

    def _follow(self, commands: Iterable[Command]) -> None:
        waiting: deque[Command] = deque(commands)
        while waiting:
            following = waiting.popleft()
            stream, more = self.decide(following)
            waiting.extend(self._keep(stream, more, following.now))

    def _keep(self, own: str, decided: Decided, now: datetime) -> Iterable[Command]:
        for fact in decided.events:
            stream, event = fact if isinstance(fact, tuple) else (own, fact)
            self._fold(stream, event)
            yield from self._following(stream, event, now)

    def _fold(self, stream: str, event: Any) -> None:
        decider = VOLUNTEERS.decider_of(stream)
        self.states[stream] = decider.evolve(self.state(stream), event)
        self.versions[stream] += 1
        self.log.append((stream, event))

    def _following(self, stream: str, event: Any, now: datetime) -> Iterable[Command]:
        about = VOLUNTEERS.decider_of(stream).about(self.state(stream))
        envelope: Any = SimpleNamespace(
            time=now,
            division=about.division,
            visibility=about.visibility,
            streamid=stream,
            streamversion=self.versions[stream],
            position=len(self.log),
            correlationid=about.incident,
        )
        for one in self.policies:
            if family(type_of(event)) in one.listens:
                yield from one.react(event, envelope)


def volunteer(stage: Stage, name: str, *, adult: bool = True, trained: bool = True, insured: bool = True, fit: bool | None = True) -> None:
    """An approved volunteer of the banner, as POL-3 of the story insures them."""
    stream, now = f"volunteer-{name}", at("08:00", 17)
    stage.has(
        stream,
        VolunteerRegistered(name, None, BANNER, None, adult, False, (), (), None, (), 1, "1", OFF.actor, now, fit=fit),
        VolunteerApproved(name, "B.DUTY", now),
    )
    if trained:
        stage.has(stream, TrainingRecorded(name, Valid("basic", at("08:00", 1)), None, OFF.actor, now))
    if insured:
        cover = Cover("POL-3", at("00:00", 1), datetime.fromisoformat("2021-07-31T23:59:59+08:00"), BANNER, "rescue")
        stage.has(stream, VolunteerCoverNoted(name, cover, now))
    if fit is False:
        stage.has(stream, FitnessSet(name, False, (), True, name, now))


def force(stage: Stage, name: str, home: str, leader: str, members: tuple[str, ...], until: str, contract_with: str | None = None) -> None:
    """A filed social force with one cover until then."""
    stream, now = f"force-{name}", at("08:00", 17)
    people = tuple(Member(member, None, True, True) for member in members)
    applied = ForceFilingApplied(
        force=name,
        name=f"Test {name}",
        kind="social",
        disciplines=("WATER",),
        home=home,
        contract=contract_with is not None,
        contract_with=contract_with,
        leader=leader,
        members=people,
        registration=None,
        host_unit=None,
        self_sufficiency_days=3,
        contact_24h=True,
        by=leader,
        at=now,
    )
    cover = Cover(f"POL-{name}", at("00:00", 1), datetime.fromisoformat(until), CITY, "rescue")
    stage.has(stream, applied, ForceFiled(name, "1", "seen", OFF.actor, now), ForceCoverNoted(name, cover, now))
