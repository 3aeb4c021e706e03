"""The posts, rules and histories the tests of the alerts service speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.alerts.deciders import DECIDERS
from services.alerts.deciders.warnings.alert import ALERT
from services.alerts.deciders.warnings.commands import DraftAlert, PublishAlert
from services.alerts.events.alert import AlertApproved, AlertDrafted
from services.alerts.events.content import AlertContent
from services.alerts.events.scales import WarningColour
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decided, category
from shared.testing.spec import joint_states
from tests.rulebook import rulebook

RULES = rulebook("alerts/rules", number=float)


def at(clock: str, day: int = 18) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


NOW = at("02:20")
MET1 = Signature("B.MET1", ("SECT.weather",), "150722", 3)
MET2 = Signature("B.MET2", ("SECT.weather.approver",), "150722", 3)
MET_L2 = Signature("C.MET1", ("SECT.weather",), "150700", 2)
MET_L2_2 = Signature("C.MET2", ("SECT.weather",), "150700", 2)
APP = Signature("B.APP", ("EMD.approver",), "150722", 3)
HQ = Signature("B.HQ", ("HQ",), "150722", 3)
GOV = Signature("B.GOV", ("GOV",), "150722", 3)
DUTY = Signature("B.DUTY", ("EMD.duty",), "150722", 3)
TXW = Signature("T.XW", ("L4.office",), "150722106", 4)
DAM = Signature("DAM.YA", ("ENT.dam",), "150722106", 4)
SYS = Signature("SYS", ("SYS",), "150722")

RAIN = AlertContent(
    hazard="11B03",
    colour=WarningColour.YELLOW,
    number=3,
    areas=("150722",),
    starts=at("02:30"),
    valid_to=at("02:30", 19),
    cautions="heavy rain",
    measures="leave low land",
    issuer="150722 weather office",
)
IDENTIFIER = "15072241600000_20210718022000"


def drafted(content: AlertContent = RAIN, author: Signature = MET1) -> AlertDrafted:
    return AlertDrafted("AL-1", content, author.actor, author.division, at("02:12"))


def approved(content: AlertContent = RAIN) -> tuple[Any, ...]:
    return drafted(content), AlertApproved("AL-1", "B.MET2", at("02:18"))


def published(content: AlertContent = RAIN, by: Signature = MET2) -> tuple[Any, ...]:
    """The history of a warning in force, as the decider writes it."""
    past = approved(content)
    command = PublishAlert(by=by, now=NOW, alert="AL-1", identifier=IDENTIFIER)
    return *past, *facts(ALERT.decide(command, {"alert-AL-1": ALERT.fold(past)}, RULES))


def orange() -> AlertContent:
    return replace(RAIN, colour=WarningColour.ORANGE, number=2)


def draft(**changed: Any) -> DraftAlert:
    fields = {name: getattr(RAIN, name) for name in ("hazard", "colour", "number", "areas", "starts", "valid_to")}
    fields |= {name: getattr(RAIN, name) for name in ("cautions", "measures", "issuer")}
    return DraftAlert(**({"by": MET1, "now": at("02:12"), "alert": "AL-1"} | fields | changed))


def facts(decided: Any) -> list[Any]:
    """The facts of a decision without their streams."""
    events = decided.events if isinstance(decided, Decided) else decided
    return [fact[1] if isinstance(fact, tuple) else fact for fact in events]


class Streams:
    """Streams in memory: decides as the writer does, without permission, durability or order of threads."""

    def __init__(self) -> None:
        self.past: dict[str, list[Any]] = {}
        self.log: list[tuple[str, Any]] = []
        self.deciders = {decider.category: decider for decider in DECIDERS}
        self.of_command = {cls: decider for decider in DECIDERS for cls in decider.handles}

    def state(self, stream: str) -> Any:
        return self.deciders[category(stream)].fold(self.past.get(stream, []))

    def handle(self, command: Command) -> Decided:
        """Decide and keep; answers the facts with their streams."""
        decider = self.of_command[type(command)]
        names = decider.handles[type(command)].streams(command)
        joint = type(command) in decider.joint
        own = self.state(names[0])
        state = joint_states(decider, command, own, self.state) if joint else own
        result = decider.decide(command, state, RULES)
        decided = result if isinstance(result, Decided) else Decided(result)
        kept = [fact if isinstance(fact, tuple) else (names[0], fact) for fact in decided.events]
        for stream, fact in kept:
            self.past.setdefault(stream, []).append(fact)
            self.log.append((stream, fact))
        return Decided(kept, decided.answer, decided.basis, decided.flags)
