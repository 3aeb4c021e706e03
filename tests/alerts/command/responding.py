"""The plans, responses and posts that the tests of plans and responses speak of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.alerts.deciders.guard import Guard
from services.alerts.deciders.incidents.commands import RegisterIncident
from services.alerts.deciders.incidents.state import SUSPECTED, Incident
from services.alerts.deciders.orders.work_state import OVER
from services.alerts.deciders.plans.commands import AdoptPlan, DraftPlan
from services.alerts.deciders.plans.plan import PLAN
from services.alerts.deciders.plans.state import Plan
from services.alerts.deciders.responses.commands import ActivateResponse, ChangeLevel, EndResponse, Kept
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.deciders.responses.state import Response
from services.alerts.deciders.streams import incident_stream, plan_stream, response_stream
from services.alerts.events.incident import IncidentType
from services.alerts.events.plan_content import Authority, PlanLevel, PlanMeasure, PlanPart, PlanType, StandingOrder
from services.alerts.events.scales import ResponseLevel
from services.alerts.policies.plans import PLANS
from services.alerts.policies.responses import RESPONSES
from shared.kernel.commands import Command, Signature
from shared.kernel.decider import Decider, category
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, type_of
from shared.testing.spec import joint_states
from tests.alerts.world import DUTY, HQ, RULES, Streams, at

NOW = at("14:10")
B_HQ = HQ
C_HQ = Signature("C.HQ", ("HQ",), "150700", 2)
R_HQ = Signature("R.HQ", ("HQ",), "150000", 1)
R_GOV = Signature("R.GOV", ("GOV",), "150000", 1)
C_GOV = Signature("C.GOV", ("GOV",), "150700", 2)
OFFICER = Signature("B.OFF", ("EMD.officer",), "150722", 3)
LEGAL = Signature("B.LEG", ("LEG",), "150722", 3)
NATION = Signature("SYS.NATION", ("SYS",), "150000")
POLICY = Signature("SYS.POLICY", ("SYS",), "150722")

LEVELS = tuple(ResponseLevel)
PARTS = tuple(PlanPart(row["id"], "said") for row in RULES.value("ERL-28"))


def levels(authority: Authority | None = None, by_level: dict[int, Authority] | None = None) -> tuple[PlanLevel, ...]:
    """Four whole levels; level 2 asks for `P-2` beside what all ask for, level 1 also for a standing order."""
    named = by_level or {}
    made = []
    for level in LEVELS:
        measures: tuple[PlanMeasure, ...] = (PlanMeasure("P-ALL", "watch the river"),)
        if level.value <= 2:
            measures += (PlanMeasure("P-2", "move people", ("L4.office",)),)
        orders = (StandingOrder("SO-1", "close road", "close G111", "ERL-73"),) if level.value == 1 else ()
        who = named.get(level.value, authority or Authority(("HQ",), "150722"))
        made.append(PlanLevel(level, who, "water above mark", measures, orders, 72))
    return tuple(made)


def draft(**changed: Any) -> DraftPlan:
    """A whole draft of the banner's flood plan."""
    fields: dict[str, Any] = {"by": OFFICER, "now": at("08:00", 1), "plan": "PLAN-B", "type": PlanType.SPECIAL, "hazard": "flood"}
    return DraftPlan(**(fields | {"parts": PARTS, "levels": levels()} | changed))


def adopt(plan: str = "PLAN-B", **changed: Any) -> AdoptPlan:
    """A plan that is in force, with levels and nothing else, as the story has them."""
    by = Signature("R.OFF", ("EMD.officer",), "150000", 1)
    fields: dict[str, Any] = {"by": by, "now": at("08:00", 17), "plan": plan, "type": PlanType.SPECIAL, "hazard": "flood"}
    owner = changed.get("owner", "150722")
    bare = tuple(PlanLevel(level, Authority(("HQ",), owner)) for level in LEVELS)
    return AdoptPlan(**(fields | {"owner": "150722", "levels": bare, "reference": "issued 2020"} | changed))


def adopted(plan: str = "PLAN-B", **changed: Any) -> Plan:
    """The state of such a plan."""
    return after(PLAN, adopt(plan, **changed))


def outside(plan: str = "PLAN-N") -> Plan:
    """A plan of the national flood headquarters."""
    bare = tuple(PlanLevel(level) for level in LEVELS)
    return adopted(plan, type=PlanType.EXTERNAL, owner=None, outside="national flood HQ", levels=bare)


def after(decider: Decider[Any], *commands: Any, others: dict[str, Any] | None = None) -> Any:
    """The state of the first stream after commands that are accepted."""
    past: list[Any] = []
    for command in commands:
        past += history(decider, command, past, others)
    return decider.fold(past)


def history(decider: Decider[Any], command: Any, past: Sequence[Any] = (), others: dict[str, Any] | None = None) -> list[Any]:
    """What a command adds to its own stream."""
    first = decider.handles[type(command)].streams(command)[0]
    state: Any = decider.fold(past)
    if type(command) in decider.joint:
        state = joint_states(decider, command, state, (others or {}).get)
    result = decider.decide(command, state, RULES)
    events = getattr(result, "events", result)
    return [fact[1] if isinstance(fact, tuple) else fact for fact in events if not isinstance(fact, tuple) or fact[0] == first]


def incident(id: str = "INC-1", **changed: Any) -> Incident:
    fields: dict[str, Any] = {"incident": id, "status": SUSPECTED, "type": IncidentType.DAM, "division": "150722", "divisions": ("150722",)}
    return Incident(**(fields | changed))


def around(**plans: Plan) -> dict[str, Any]:
    """The streams a response is decided with: the incident INC-1, its guard, and plans (`PLAN_B=...`)."""
    named = {name.replace("_", "-"): plan for name, plan in plans.items()} or {"PLAN-B": adopted()}
    world: dict[str, Any] = {incident_stream("INC-1"): incident(), "guard-responses.INC-1": Guard()}
    proposals = {response_stream(f"{name}.INC-1"): Response() for name in named}
    return world | {plan_stream(name): plan for name, plan in named.items()} | proposals


def activate(activation: str = "ACT-B", **changed: Any) -> ActivateResponse:
    fields: dict[str, Any] = {"by": B_HQ, "now": NOW, "activation": activation, "plan": "PLAN-B", "incident": "INC-1"}
    fields |= {"matter": "flood after dam collapse", "level": ResponseLevel.I, "expected_end": at("12:00", 22)}
    return ActivateResponse(**(fields | {"measures": ("M-1 move people", "M-2 close road", "M-3 guard dam site")} | changed))


def activated(**changed: Any) -> list[Any]:
    """The history of a response that runs."""
    plans = changed.pop("plans", None) or {"PLAN_B": adopted()}
    return history(RESPONSE, activate(**changed), others=around(**plans))


class Followed(Streams):
    """Streams with the policies of plans and responses run after each command, until nothing follows any more."""

    def __init__(self) -> None:
        super().__init__()
        self.handle(RegisterIncident(by=DUTY, now=at("13:52"), incident="INC-1", type=IncidentType.DAM, division="150722"))

    def do(self, command: Command) -> list[str]:
        """The types of what followed from a command by policies, refusals left out."""
        since = len(self.log)
        own = len(self.handle(command).events)
        self.settle(since, command.now)
        return [type_of(fact) for _, fact in self.log[since + own :]]

    def settle(self, since: int, now: datetime) -> None:
        while since < len(self.log):
            envelope, fact = self.envelope(since, now), self.log[since][1]
            since += 1
            for policy in (*PLANS, *RESPONSES):
                if family(envelope.type) in policy.listens:
                    for command in policy.react(fact, envelope):
                        self.handle(command)

    def envelope(self, place: int, now: datetime) -> Envelope:
        """As the writer would make it of the fact at that place."""
        stream, fact = self.log[place]
        about = self.deciders[category(stream)].about(self.state(stream))
        named: dict[str, Any] = {"streamid": stream, "partitionkey": stream, "streamversion": 1, "division": about.division}
        named |= {"visibility": about.visibility, "correlationid": about.incident, "type": type_of(fact), "actor": "X"}
        return Envelope(specversion="1.0", id=f"a:{place + 1}", source="", time=now, log="a", position=place + 1, **named)

    def open_tasks(self, prefix: str = "") -> set[str]:
        """The ids of the tasks nobody has ended."""
        states = {name.removeprefix("task-"): self.state(name) for name in self.past if name.startswith("task-")}
        return {name for name, task in states.items() if task.status not in OVER and name.startswith(prefix)}


def begun() -> Followed:
    """The banner and the city have a flood plan, and there is an incident."""
    made = Followed()
    made.do(adopt())
    made.do(adopt("PLAN-C", owner="150700"))
    return made


def whole(node: Followed) -> None:
    """Another plan of the banner, with measures and a standing order."""
    node.do(adopt("PLAN-S", hazard="snow", levels=levels(by_level={1: Authority(("GOV",), "150722")})))


def change(level: ResponseLevel, by: Signature = B_HQ, activation: str = "ACT-B") -> ChangeLevel:
    """Another level, at 16:00."""
    return ChangeLevel(by=by, now=at("16:00"), activation=activation, level=level, reason="seen")


def end(activation: str = "ACT-B", by: Signature = B_HQ, **changed: Any) -> EndResponse:
    """Two measures ended, the third is kept."""
    fields: dict[str, Any] = {"ended": ("M-1", "M-2"), "kept": (Kept("M-3", "guarded"),)}
    return EndResponse(**({"by": by, "now": at("12:05", 23), "activation": activation} | fields | changed))
