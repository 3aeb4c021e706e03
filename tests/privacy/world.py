"""The posts, rules and histories the tests of privacy speak of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.privacy.deciders import DECIDERS
from services.privacy.deciders.duties.assessments import ApproveImpactAssessment, DraftImpactAssessment
from services.privacy.deciders.purposes import Purpose
from services.privacy.deciders.records.commands import CollectPersonalData
from services.privacy.deciders.retention.commands import AssessRetention, DecideRetention, DestroyPersonalData, OpenRetentionAssessment
from services.privacy.deciders.streams import module_of
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided, category
from shared.kernel.errors import DomainError, Failure, NotFound
from shared.testing.spec import joint_states
from tests.rulebook import rulebook

RULES = rulebook("privacy/rules", "alerts/rules", number=float)
PURPOSES: tuple[Purpose, ...] = tuple(RULES.value("privacy.purposes"))


def at(clock: str, day: int = 19) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


LEAD = Signature("B.LEAD", ("TASK.lead",), "150722", 3)
KEEPER = Signature("W.MD1", ("WHK",), "150722", 3)
OFFICER = Signature("B.OFF", ("EMD.officer",), "150722", 3)
GOV = Signature("B.GOV", ("GOV",), "150722", 3)
DPO = Signature("C.DPO", ("DPO",), "150700", 2)
LEGAL = Signature("C.LEG", ("LEG",), "150700", 2)
AUDITOR = Signature("C.AUD", ("AUD",), "150700", 2)
SYS = Signature("SYS.POLICY", ("SYS",), "150722")
VOLUNTEER = Signature("V-A", ("VOL",), "150722", 3)


class Streams:
    """Streams in memory: decides as the writer does, without permission, durability or order of threads."""

    def __init__(self, assessed: bool = True) -> None:
        self.past: dict[str, list[Any]] = {}
        self.deciders = {decider.category: decider for decider in DECIDERS}
        self.of_command = {cls: decider for decider in DECIDERS for cls in decider.handles}
        self.now = at("07:00")
        if assessed:
            for module in {module_of(row["purpose"]) for row in PURPOSES}:
                said = {"lawfulness": "needed", "risks": "few", "protection": "vault"}
                self.do(DraftImpactAssessment, DPO, module=module, assessment=f"PIA-{module}", **said)
                self.do(ApproveImpactAssessment, GOV, module=module, assessment=f"PIA-{module}")

    def state(self, stream: str) -> Any:
        return self.deciders[category(stream)].fold(self.past.get(stream, []))

    def handle(self, command: Command) -> Decided:
        """Decide and keep; answers the facts with their streams."""
        decider = self.of_command[type(command)]
        handles = decider.handles[type(command)]
        names = handles.streams(command)
        if not handles.creates and names[0] not in self.past:
            raise NotFound(Failure("reference", names[0]))
        own = self.state(names[0])
        state = joint_states(decider, command, own, self.state) if type(command) in decider.joint else own
        result = decider.decide(command, state, RULES)
        decided = result if isinstance(result, Decided) else Decided(result)
        kept = [fact if isinstance(fact, tuple) else (names[0], fact) for fact in decided.events]
        for stream, fact in kept:
            self.past.setdefault(stream, []).append(fact)
        return Decided(kept, decided.answer, decided.basis, decided.flags)

    def do(self, kind: type[Command], by: Signature, cosigner: Signature | None = None, **said: Any) -> Decided:
        return self.handle(kind(by=by, now=said.pop("now", self.now), cosigner=cosigner, **said))

    def refused(self, kind: type[Command], by: Signature, error: type[DomainError], rule: str | None = None, **said: Any) -> DomainError:
        """The refusal, which keeps nothing."""
        before = {stream: len(facts) for stream, facts in self.past.items()}
        try:
            decided = self.do(kind, by, **said)
        except DomainError as refusal:
            assert isinstance(refusal, error), repr(refusal)
            assert rule is None or refusal.rule == rule, refusal.failures
            assert {stream: len(facts) for stream, facts in self.past.items()} == before
            return refusal
        raise AssertionError(f"accepted: {decided}")

    def types(self, decided: Decided) -> list[str]:
        return [type(fact[1]).__name__ for fact in decided.events]


def collect(streams: Streams, subject: str, purpose: str = "shelter.list", incident: str | None = "INC-1", **said: Any) -> Decided:
    by = said.pop("by", SYS if purpose.startswith("callup") else OFFICER)
    return streams.do(CollectPersonalData, by, subject=subject, purpose=purpose, incident=incident, **said)


def registered(streams: Streams, subject: str = "V-A") -> Decided:
    """A standing registration with a phone."""
    fields = ("name", "phone")
    return collect(streams, subject, "register", None, by=SYS, ref=f"ref-{subject}", fields=fields, consent="form")


def called(streams: Streams, subject: str = "V-A", incident: str = "INC-1") -> Decided:
    """A registered volunteer whose contact is held for a call-up."""
    registered(streams, subject)
    return collect(streams, subject, "callup.contact", incident)


def over(streams: Streams, register: str = "volunteers", incident: str = "INC-1") -> Decided:
    """The last response ended."""
    return streams.do(OpenRetentionAssessment, SYS, incident=incident, register=register)


def reviewed(streams: Streams, register: str = "volunteers", incident: str = "INC-1") -> Decided:
    over(streams, register, incident)
    said = {"legality": "text", "necessity": "text", "safety": "text"}
    return streams.do(AssessRetention, DPO, incident=incident, register=register, **said)


def decided(streams: Streams, register: str = "volunteers", incident: str = "INC-1", **said: Any) -> Decided:
    reviewed(streams, register, incident)
    return streams.do(DecideRetention, DPO, LEGAL, incident=incident, register=register, **said)


def destroy(streams: Streams, *subjects: str, certificate: str = "DC-1", register: str = "volunteers", incident: str = "INC-1") -> Decided:
    return streams.do(DestroyPersonalData, DPO, incident=incident, register=register, subjects=subjects, certificate=certificate)
