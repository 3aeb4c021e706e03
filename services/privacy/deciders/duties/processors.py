"""Who processes personal data for us or with us (PIPL art. 20, 21, 59; PI-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from services.privacy.deciders.streams import processor_stream
from services.privacy.events.duties import ProcessorEnded, ProcessorEvent, ProcessorRegistered, ProcessorSupervised
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

RULE = "PIPL-21"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterProcessor(Command):
    """Enter an agreement: purpose, time, manner, kinds, protection, both sides' duties."""

    processor: PublicId
    name: str | None = None
    joint: bool = False
    purposes: tuple[str, ...] = ()
    agreement: str | None = None
    measures: str | None = None
    until: date | None = None
    subprocessing: bool = False
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperviseProcessor(Command):
    """Note what a look at its processing found."""

    processor: PublicId
    finding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndProcessor(Command):
    """The agreement ended: what it held is returned or deleted, as proven."""

    processor: PublicId
    proof: str | None = None


NEW, RUNNING, ENDED = "new", "running", "ended"
FLOW = Flow(
    RULE,
    {
        (NEW, RegisterProcessor): RUNNING,
        (ENDED, RegisterProcessor): RUNNING,
        (RUNNING, RegisterProcessor): RUNNING,  # the agreement changed
        (RUNNING, SuperviseProcessor): RUNNING,
        (RUNNING, EndProcessor): ENDED,
    },
)


@dataclass(frozen=True, slots=True)
class Processor:
    """Whether the agreement runs."""

    status: str = NEW
    division: str | None = None


def decide(command: RegisterProcessor | SuperviseProcessor | EndProcessor, processor: Processor, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal."""
    FLOW.require(processor.status, command)
    match command:
        case RegisterProcessor():
            return _register(command, rules)
        case SuperviseProcessor(finding=finding):
            if not finding:
                raise RuleBroken(Failure(RULE, "say what was found", "finding"))
            return [ProcessorSupervised(command.processor, finding, command.by.actor, command.now)]
        case EndProcessor(proof=proof):
            if not proof:
                raise RuleBroken(Failure(RULE, "say what proves that the data were returned or deleted", "proof"))
            return Decided([ProcessorEnded(command.processor, proof, command.by.actor, command.now)], basis=RULE)
        case _:
            assert_never(command)


def _register(command: RegisterProcessor, rules: Rules) -> Decided:
    said = {name: getattr(command, name) for name in ("name", "purposes", "agreement", "measures", "until")}
    wrong = [Failure(RULE, f"the agreement names its {name}", name) for name, value in said.items() if not value]
    declared = {row["purpose"] for row in rules.value("privacy.purposes")}
    wrong += [Failure("PIPL-6", f"{name} is no declared purpose", "purposes") for name in command.purposes if name not in declared]
    if command.until is not None and command.until <= command.now.date():
        wrong.append(Failure(RULE, "until is in the future", "until"))
    refuse_all(RuleBroken, wrong)
    assert command.until is not None
    registered = ProcessorRegistered(
        processor=command.processor,
        name=str(command.name),
        joint=command.joint,
        purposes=command.purposes,
        agreement=str(command.agreement),
        measures=str(command.measures),
        until=command.until,
        subprocessing=command.subprocessing,
        division=command.division or command.by.division,
        keep_until=command.now + rules.value("K-52"),
        by=command.by.actor,
        at=command.now,
    )
    return Decided([registered], basis="PIPL-20" if command.joint else RULE)


def evolve(processor: Processor, event: ProcessorEvent) -> Processor:
    """The agreement after the event."""
    match event:
        case ProcessorRegistered(division=division):
            return Processor(RUNNING, processor.division or division)
        case ProcessorSupervised():
            return processor
        case ProcessorEnded():
            return replace(processor, status=ENDED)
        case _:
            assert_never(event)


def _own(command: Any) -> tuple[str, ...]:
    return (processor_stream(command.processor),)


PROCESSOR = Decider(
    category="processor",
    initial=Processor(),
    decide=decide,
    evolve=evolve,
    about=lambda processor: About(processor.division, "internal"),
    handles={
        RegisterProcessor: Handles(_own, areas=lambda c: (c.division,) if c.division else (), creates=True),
        SuperviseProcessor: Handles(_own),
        EndProcessor: Handles(_own),
    },
)
