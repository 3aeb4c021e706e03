"""The posts, rules and streams the tests of compensation speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.compensation.deciders import DECIDERS
from services.compensation.deciders.claims.commands import AssessClaim, ClaimCompensation, DecideClaim, PayClaim, Proof, ServeDecision
from services.compensation.deciders.entitlements.entitlement import RecordEntitlement
from services.compensation.deciders.entitlements.leader import NoteForceLeader
from services.compensation.events.claim import ClaimOpened
from services.compensation.events.decision import Manner
from services.compensation.events.entitlement import IncidentPlaced
from services.compensation.events.figures import ClaimKind, Day
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided, category
from shared.testing.spec import joint_states
from tests.rulebook import FakeRules, rulebook

AREA = "150722"
DIGEST = "0" * 64
ACCOUNT = "00000000-0000-5000-8000-000000000001"


RULES = rulebook("alerts/rules/calendar.toml", "compensation/rules")


def at(clock: str, day: int = 22) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


def july(day: int) -> date:
    return date(2021, 7, day)


NOW = at("09:00")
VA = Signature("V-A", ("VOL",), AREA, 3)
VB = Signature("V-B", ("VOL",), AREA, 3)
LEADER = Signature("TL.1", ("TEAM",), "150721", 3)
OFF = Signature("B.OFF", ("EMD.officer",), AREA, 3)
OFF2 = Signature("B.OFF2", ("EMD.officer",), AREA, 3)
APP = Signature("B.APP", ("EMD.approver",), AREA, 3)
GOV = Signature("B.GOV", ("GOV",), AREA, 3)
FIN = Signature("B.FIN", ("FIN",), AREA, 3)
FIN2 = Signature("B.FIN2", ("FIN",), AREA, 3)
OWNER = Signature("OW-1", ("CIT",), AREA, 3)
SYS = Signature("SYS.POLICY", ("SYS",), AREA)


def minutes(person: str, *worked: tuple[int, float]) -> tuple[Day, ...]:
    """Days of July with hours."""
    return tuple(Day(person, july(day), int(hours * 60)) for day, hours in worked)


def money(text: str) -> Decimal:
    return Decimal(text)


class Town:
    """Streams in memory: decides as the writer does, without permission, durability or order of threads. Who claims named `account`
    as it was opened, so that it may be paid; unless it is None."""

    def __init__(self, rules: FakeRules = RULES, incidents: tuple[str, ...] = ("INC-1",), account: str | None = ACCOUNT) -> None:
        self.rules, self.account = rules, account
        self.past: dict[str, list[Any]] = {f"incident-{one}": [IncidentPlaced(one, AREA, at("14:00", 18))] for one in incidents}
        self.deciders = {decider.category: decider for decider in DECIDERS}
        self.of_command = {cls: decider for decider in DECIDERS for cls in decider.handles}

    def state(self, stream: str) -> Any:
        return self.deciders[category(stream)].fold(self.past.get(stream, []))

    def claim(self, claim: str = "CL-A") -> Any:
        return self.state(f"claim-{claim}")

    def do(self, command: Command) -> Decided:
        """Decide and keep; answers the facts without their streams."""
        decider = self.of_command[type(command)]
        names = decider.handles[type(command)].streams(command)
        own = self.state(names[0])
        state = joint_states(decider, command, own, self.state) if type(command) in decider.joint else own
        result = decider.decide(command, state, self.rules)
        decided = result if isinstance(result, Decided) else Decided(result)
        kept = [fact if isinstance(fact, tuple) else (names[0], fact) for fact in decided.events]
        named = state if isinstance(state, dict) else {names[0]}
        for stream, fact in kept:
            assert stream in named, f"{stream} is written and not among the streams of {type(command).__name__}"
            if isinstance(fact, ClaimOpened):
                fact = replace(fact, account=fact.account or self.account)
            self.past.setdefault(stream, []).append(fact)
        return Decided([fact for _, fact in kept], decided.answer, decided.basis, decided.flags)

    def settled(self, claimant: str, days: tuple[Day, ...], call_up: str = "CU-1", revision: int = 1, **more: Any) -> Decided:
        said = {"incident": "INC-1", "force": claimant.startswith("SF"), "payer": AREA} | more
        return self.do(
            RecordEntitlement(by=SYS, now=at("14:00", 21), claimant=claimant, call_up=call_up, days=days, revision=revision, **said)
        )

    def led(self, force: str = "SF-1", leader: str = "TL.1") -> Decided:
        return self.do(NoteForceLeader(by=SYS, now=at("08:00", 17), force=force, leader=leader, filed=True))


def claim(**changed: Any) -> ClaimCompensation:
    return ClaimCompensation(**({"by": VA, "now": NOW, "claim": "CL-A", "claimant": "V-A", "incident": "INC-1"} | changed))


def requisition(**changed: Any) -> ClaimCompensation:
    said: dict[str, Any] = {"by": OWNER, "claim": "CL-R", "claimant": "OW-1", "kind": ClaimKind.REQUISITION, "item": "RE-1"}
    proofs = (Proof("requisition_certificate", DIGEST), Proof("damage_report", DIGEST))
    return claim(**said | {"tariff": "requisition_boat", "days": money("2"), "damage": money("650"), "evidence": proofs} | changed)


def assess(**changed: Any) -> AssessClaim:
    return AssessClaim(**({"by": OFF, "now": NOW, "claim": "CL-A"} | changed))


def decide(**changed: Any) -> DecideClaim:
    return DecideClaim(**({"by": APP, "now": NOW, "claim": "CL-A"} | changed))


def serve(**changed: Any) -> ServeDecision:
    return ServeDecision(**({"by": SYS, "now": NOW, "claim": "CL-A", "manner": Manner.IN_APP} | changed))


def pay(**changed: Any) -> PayClaim:
    return PayClaim(**({"by": FIN, "now": NOW, "claim": "CL-A"} | changed))


def assessed(**changed: Any) -> Town:
    """V-A did two full days, claimed 86.50 of receipts, and was assessed."""
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5)))
    town.do(claim(receipts=money("86.5"), **changed))
    town.do(assess())
    return town


def served() -> Town:
    town = assessed()
    town.do(decide())
    town.do(serve())
    return town


def paid() -> Town:
    town = served()
    town.do(pay())
    return town
