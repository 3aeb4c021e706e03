"""One command through permission, existence, decision, and into the events to append."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from shared.eventlog.ports import New
from shared.handling.declare import Service
from shared.handling.guard import Knows, known_of, look, nobody
from shared.handling.pending import Pending
from shared.handling.states import States, Stream
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.envelope import Envelope, seal
from shared.kernel.errors import DomainError, Failure, NotAllowed, NotFound, RuleBroken, refuse_all
from shared.kernel.events import encode, type_of

May = Callable[[str, Signature, tuple[str, ...] | None], str | None]
"""The rule that gives a signature the power to give this command in these divisions. NotAllowed. None asks for the role alone."""
RulesFor = Callable[[str | None, datetime, str | None], Rules]
"""The rules of a division at a time; the third is a pack pinned for one request."""

STREAMS = 64  # streams one command may name, unless it is a listed bulk command
BULK = 15_000  # 10,000 lines of a file with a lot each, and the stores, items and stocks they are of
EVENT_BYTES = 256 * 1024
NARROWER = {visibility: n for n, visibility in enumerate(("public", "internal", "restricted", "confidential"))}


class Decision(msgspec.Struct, gc=False):
    """The events of one command, sealed for the places they are to have, and the states they make true."""

    events: list[New] = []
    states: dict[str, Stream] = {}
    answer: Mapping[str, Any] = {}
    flags: Sequence[str] = ()
    acted_on: str = ""

    @property
    def version(self) -> int | None:
        acted = self.states.get(self.acted_on)
        return acted.version if acted is not None else None


class Deciding:
    """Asks in this order: who may (403), does it exist (404), then the decider: state (409) and rules (422)."""

    def __init__(self, service: Service, log: str, rules_for: RulesFor, may: May, exercise: bool = False, knows: Knows = nobody) -> None:
        """`exercise`: of a drill, whoever signs: people, policies and timers. `knows`: what else no text may hold."""
        self._service, self._log, self._rules_for, self._may, self._exercise, self._knows = service, log, rules_for, may, exercise, knows
        self._source = f"urn:ortoo:{log}"

    def look(self, batch: Sequence[Pending]) -> None:
        """Look at the texts of commands before they are decided: the vault is asked once for all of them."""
        looked = [(pending, look(pending.command, self._knows is not nobody)) for pending in batch if not pending.derived]
        away: Exception | None = None
        try:
            known = known_of([one for _, one in looked], self._knows)
        except Exception as error:  # it is told to whose words had to be asked for, and to nobody else
            known, away = frozenset(), error
        for pending, one in looked:
            pending.unfit = away if away is not None and one.words else one.unfit(known)

    def first_stream(self, pending: Pending) -> str | None:
        """The stream a command acts on; None when it was refused before it could name one, or when a personal value is in it."""
        _, _, handles = self._service.handler(type(pending.command).__name__)
        try:
            return None if pending.unfit else handles.streams(pending.command)[0]
        except DomainError:
            return None

    def decide(self, pending: Pending, states: States, time: datetime, position: int) -> Decision:
        """The facts to append after `position`, recorded at `time`. Raises a refusal."""
        command = pending.command
        name = type(command).__name__
        _, decider, handles = self._service.handler(name)
        names = pending.streams or handles.streams(command)
        _refuse_many(len(names), handles)
        streams = {stream: states.get(stream) for stream in names}
        while more := _further(command, handles, streams):
            _refuse_many(len(streams) + len(more), handles)
            streams |= {stream: states.get(stream) for stream in more}
        division, power = self._permitted(name, command, handles, streams)
        if isinstance(pending.unfit, Exception):
            raise pending.unfit
        refuse_all(RuleBroken, pending.unfit)  # of what follows from a fact nothing: it was looked at when that was stored
        rules = self._rules_for(division or command.by.division, command.now, pending.pack)
        decided = self._ask(command, decider, streams, rules, power)
        return self._sealed(pending, decided, streams, rules, time, position)

    def _permitted(self, name: str, command: Command, handles: Handles, streams: Mapping[str, Stream]) -> tuple[str | None, str | None]:
        first = next(iter(streams))
        acted = streams[first]
        if not acted.version and not handles.creates:
            self._may(name, command.by, None)
            raise NotFound(Failure("reference", f"{first} is unknown: check the id"))
        states = {stream: known.state for stream, known in streams.items()} if handles.state_areas or handles.under else {}
        areas = handles.areas(command) if handles.areas else None
        if handles.state_areas:
            areas = (*(areas or ()), *handles.state_areas(command, states))
        if acted.version and acted.about and acted.about.division and not handles.instead:
            areas = (acted.about.division, *(areas or ()))  # where it is, and where the command would take it
        if areas and len(areas) > 1:
            areas = tuple(dict.fromkeys(areas))
        power = self._may(name, command.by, areas)
        for above, below in handles.under(command, states).items() if handles.under else ():
            self._reaches(name, replace(command.by, division=above), below)
        if command.cosigner is not None:
            self._seconded(name, command.cosigner, areas)
        return areas[0] if areas else None, power

    def _reaches(self, name: str, by: Signature, below: tuple[str, ...]) -> None:
        """A division that is named for something lies above all it is named for."""
        try:
            self._may(name, by, below)
        except NotAllowed as refusal:
            lies = f"{by.division} does not lie above all of {', '.join(below)}: name a division that does"
            raise NotAllowed(*[replace(fault, cure=f"{lies} ({fault.cure})") for fault in refusal.failures]) from refusal

    def _seconded(self, name: str, cosigner: Signature, areas: tuple[str, ...] | None) -> None:
        """A second signature counts as the first does: role, level and every area are asked of it too."""
        try:
            self._may(name, cosigner, areas)
        except NotAllowed as refusal:
            raise NotAllowed(*[replace(fault, cure=f"the second person: {fault.cure}") for fault in refusal.failures]) from refusal

    def _ask(self, command: Command, decider: Decider[Any], streams: Mapping[str, Stream], rules: Rules, power: str | None) -> Decided:
        """What the decider says; where it names no article of its own, the power to decide is the basis."""
        if type(command) in decider.joint:
            result = decider.decide(command, {stream: known.state for stream, known in streams.items()}, rules)
        else:
            result = decider.decide(command, next(iter(streams.values())).state, rules)
        if not isinstance(result, Decided):
            return Decided(result, basis=power)
        return result if result.basis else msgspec.structs.replace(result, basis=power)

    def _sealed(
        self, pending: Pending, decided: Decided, streams: Mapping[str, Stream], rules: Rules, time: datetime, after: int
    ) -> Decision:
        own = next(iter(streams))
        decision = Decision(answer=decided.answer, flags=decided.flags, acted_on=own)
        for position, fact in enumerate(decided.events, after + 1):
            stream, event = fact if isinstance(fact, tuple) else (own, fact)
            known = decision.states[stream] = self._evolved(stream, decision.states.get(stream) or streams[stream], event)
            if decision.acted_on not in decision.states:
                decision.acted_on = stream
            data = encode(event)
            if len(data) > EVENT_BYTES:
                raise RuleBroken(Failure("limit.event", f"an event holds at most {EVENT_BYTES} bytes; send larger content as a blob"))
            envelope = self._envelope(pending, decided, rules, time, position, stream, known, type_of(event), data)
            decision.events.append(New(stream, known.version, envelope.type, partial(_sealed_for, position, seal(envelope))))
        return decision

    def _evolved(self, stream: str, before: Stream, event: Any) -> Stream:
        decider = self._service.decider_of(stream)
        state = decider.evolve(before.state, event)
        about = decider.about(state)
        if before.about and NARROWER[about.visibility] < NARROWER[before.about.visibility]:
            raise AssertionError(f"{stream} would become wider than {before.about.visibility}")
        return Stream(before.version + 1, state, about)

    def _envelope(
        self,
        pending: Pending,
        decided: Decided,
        rules: Rules,
        time: datetime,
        position: int,
        stream: str,
        known: Stream,
        kind: str,
        data: bytes,
    ) -> Envelope:
        by, cosigner, about = pending.command.by, pending.command.cosigner, known.about or About()
        return Envelope(
            specversion="1.0",
            id=f"{self._log}:{position}",
            source=self._source,
            type=kind,
            time=time,
            datacontenttype="application/json",
            log=self._log,
            position=position,
            streamid=stream,
            streamversion=known.version,
            partitionkey=stream,
            division=about.division,
            visibility=about.visibility,
            correlationid=about.incident or pending.incident,
            causationid=pending.causation or pending.name,
            commandid=pending.name if pending.causation else None,
            commandevents=len(decided.events),
            traceparent=pending.traceparent,
            actor=by.actor,
            role=by.roles[0] if by.roles else None,
            organ=by.organ,
            cosigner=cosigner.actor if cosigner else None,
            basis=decided.basis,
            rulepack=rules.pack,
            exercise=self._exercise,
            data=msgspec.Raw(data),
        )


def _refuse_many(streams: int, handles: Handles) -> None:
    most = BULK if handles.bulk else STREAMS
    if streams > most:
        raise RuleBroken(Failure("limit.streams", f"a command names at most {most} streams"))


def _further(command: Command, handles: Handles, streams: Mapping[str, Stream]) -> list[str]:
    """What the streams that are known name and that is not among them."""
    if handles.further is None:
        return []
    found = handles.further(command, {stream: known.state for stream, known in streams.items()})
    return [stream for stream in dict.fromkeys(found) if stream not in streams]


def _sealed_for(decided: int, record: bytes, position: int) -> bytes:
    """The log gives the position that was decided for: the pen was held all the time."""
    if position != decided:
        raise AssertionError(f"decided for position {decided}, appended at {position}")
    return record
