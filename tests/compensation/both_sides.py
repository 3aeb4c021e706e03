"""Resources and compensation beside each other: what one says the other hears later, in order, as the policies of both make of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from services.compensation.deciders.claims import commands as ask
from services.compensation.deciders.claims.state import APPEALED, ASSESSED, NEW, REOPENED, SERVED, STANDING, WITHDRAWN, Claim
from services.compensation.deciders.claims.taking import has_it, items
from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.claim import ClaimOpened, EvidenceAdded
from services.compensation.events.figures import NOTHING_STATED, ClaimKind
from services.compensation.events.ground import Outcome
from services.compensation.policies import POLICIES
from services.resources.deciders.requisitions import commands as c
from services.resources.events.requisition import PropertyLost, PropertyReturned
from services.resources.policies.requisitions import REQUISITIONS
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError
from shared.kernel.events import family, type_of
from tests.compensation.world import APP, AREA, DIGEST, FIN, GOV, OFF, OWNER, RULES, Town, july, money
from tests.resources.requisitions.taken import ICP, borrow, open_town, taken
from tests.resources.world import HQ, at
from tests.rulebook import FakeRules

SIDES = ("resources", "compensation")
LISTENS = {"compensation": POLICIES, "resources": REQUISITIONS}
IDS = ("CL-R", "CL-RE-1", "CL-OWN", "CL-MORE")
RATES = dict(RULES.value("compensation.tariffs")) | {"requisition": {"per_day": 400}}


def lent() -> Any:
    """In use by consent, for nothing."""
    town = open_town()
    town.do(borrow())
    return town


@dataclass
class Both:
    """`heard`: how far each side read each log."""

    towns: dict[str, Any]
    now: Any = field(default_factory=lambda: at("18:00"))
    logs: dict[str, list[Any]] = field(default_factory=lambda: {side: [] for side in SIDES})
    times: dict[str, list[Any]] = field(default_factory=lambda: {side: [] for side in SIDES})
    heard: dict[tuple[str, str], int] = field(default_factory=dict)

    def do(self, side: str, command: Command) -> None:
        """Decided, and on the log of that side."""
        said = self.towns[side].do(command).events
        self.logs[side] += said
        self.times[side] += [self.now] * len(said)
        if isinstance(command, ask.PayClaim):
            self.paid_once(command.claim)

    def listen(self, side: str, log: str) -> bool:
        """That side reacts to the next fact of that log. No command of a policy is refused: nobody would see it."""
        before = self.heard.get((side, log), 0)
        if before == len(self.logs[log]):
            return False
        self.heard[side, log] = before + 1
        fact = self.logs[log][before]
        named = {"division": AREA, "visibility": "restricted", "streamid": "x-1", "correlationid": "INC-1"}
        envelope: Any = SimpleNamespace(id=f"150000.{log}:{before + 1}", time=self.times[log][before], **named)
        for policy in LISTENS[side]:
            if family(type_of(fact)) in policy.listens:
                for command in policy.react(fact, envelope):
                    self.do(side, command)
        return True

    def settle(self) -> None:
        while any([self.listen(side, log) for side in SIDES for log in SIDES]):
            pass

    def paid_once(self, claim: str) -> None:
        """Nothing was paid in another claim for the same days; and all that was counted from returns is not more than one of them says."""
        paid, *others = sorted(self.claims(), key=lambda one: one.claim != claim)
        assert not [one for one in others if one.paid > 0 and any(a.overlaps(b) for a in one.covers for b in paid.covers)], paid
        facts = [one for one in self.logs["resources"] if isinstance(one, PropertyReturned | PropertyLost)]
        worth = [400 * one.days + getattr(one, "damage", 0) + getattr(one, "loss", 0) for one in facts]
        assert sum(one.paid for one in self.claims() if not self.stated(one)) <= max(worth, default=0), (paid, facts)

    def stated(self, claim: Claim) -> bool:
        """Whether who claims ever stated figures in it."""
        past = self.towns["compensation"].past[f"claim-{claim.claim}"]
        by_hand = isinstance(past[0], ClaimOpened) and not past[0].by.startswith("SYS.") and past[0].figures != NOTHING_STATED
        return by_hand or any(isinstance(one, EvidenceAdded) for one in past)

    def shared(self) -> list[tuple[str, str]]:
        """Claims that have the thing for the same day."""
        has = list(self.towns["compensation"].state("once-requisition.RE-1").claims.values())
        pairs = ((one, other) for place, one in enumerate(has) for other in has[place + 1 :])
        return [(one.claim, other.claim) for one, other in pairs if any(a.overlaps(b) for a in one.covers for b in other.covers)]

    @property
    def requisition(self) -> Any:
        return self.towns["resources"].state("requisition-RE-1")

    def claims(self) -> list[Claim]:
        """Every claim of the owner for it."""
        town = self.towns["compensation"]
        found = [town.state(stream) for stream in town.past if stream.startswith("claim-")]
        return [one for one in found if (one.claimant, one.item) == ("OW-1", "RE-1")]

    def undecided(self) -> set[str]:
        """Those that are to be decided, or decided anew."""
        return {one.claim for one in self.claims() if one.status not in (NEW, WITHDRAWN) and (one.decided is None or one.doubt is not None)}


def walk(seed: int, steps: int = 30, free: bool = False) -> Both:
    """Anything is asked at random, and heard at random times; at the end all is heard."""
    rules = FakeRules(RULES.values | {"compensation.tariffs": RATES})
    chance, both = Random(seed), Both({"resources": lent() if free else taken(), "compensation": Town(rules)})
    for _ in range(steps):
        if chance.random() < 0.6:
            both.listen(chance.choice(SIDES), chance.choice(SIDES))
            continue
        both.now += timedelta(hours=chance.choice((1, 5, 24)))
        if chance.random() < 0.4:
            both.settle()
        side, command = chance.choice(ASKED)(chance, both.now)
        if side == "compensation" and not isinstance(command, ask.ClaimCompensation):
            known = sorted(one.claim for one in both.claims())
            if not known:
                continue
            command = replace(command, claim=chance.choice(known))
        if chance.random() < 0.4 and both.claims():  # somebody at a desk goes on with what lies there
            side, command = "compensation", _next(both, chance.choice(both.claims()))
        try:
            both.do(side, command)
        except DomainError:
            continue
    both.settle()
    return both


def finish(both: Both) -> None:
    """People do what is on the desk, until nothing is."""
    if both.requisition.status not in ("returned", "lost", "closed"):
        both.do("resources", c.ReturnProperty(by=ICP, now=both.now, requisition="RE-1", condition="good"))
        both.settle()
    for _ in range(60):
        todo = [one for one in both.claims() if one.claim in both.undecided() or one.status in (ASSESSED, REOPENED, APPEALED)]
        if not todo:
            return
        both.do("compensation", _next(both, todo[0]))
        both.settle()
    raise AssertionError(f"never done: {both.claims()}")


def _next(both: Both, one: Claim) -> Command:
    own: dict[str, Any] = {"now": both.now, "claim": one.claim}
    town = both.towns["compensation"]
    gone = has_it(one, {stream: town.state(stream) for stream in items(one)}) is not None
    if one.status == APPEALED:
        return ask.RecordAppealResult(by=GOV, outcome=AppealOutcome.UPHELD, document=DIGEST, **own)
    if one.status == SERVED and one.doubt is None and one.owed > 0 and not gone:
        return ask.PayClaim(by=FIN, **own)
    if one.status in STANDING:
        return ask.ReconsiderClaim(by=APP, cosigner=GOV, outcome=Outcome.SET_BACK if gone else Outcome.STANDS, reason="so", **own)
    if one.status == ASSESSED and not (gone and one.assessed) and not one.restated:
        return ask.DecideClaim(by=APP, reason="so", **own)
    if one.missing and not gone:
        proofs = tuple(ask.Proof(kind, DIGEST) for kind in one.missing if kind != "figures")
        return ask.AddEvidence(by=OWNER, days=money("1"), evidence=proofs, **own)
    again = ask.ReassessClaim if one.status == REOPENED else ask.AssessClaim
    return again(by=OFF, amount=money("0") if gone else None, reason="looked at", **own)


def _claim(chance: Random, now: Any) -> tuple[str, Command]:
    since = chance.choice((None, 1, 18, 19, 21))
    until = since + chance.choice((0, 1, 6)) if since else None
    said: dict[str, Any] = {"incident": chance.choice(("INC-1", "INC-1", None)), "tariff": "requisition_boat"}
    if chance.random() < 0.8:
        said |= {"days": money("1"), "evidence": (ask.Proof("requisition_certificate", DIGEST),)}
    days = {"since": july(since) if since else None, "until": july(until) if until else None}
    who = OWNER if chance.random() < 0.8 else replace(OWNER, actor="OW-2")  # by mistake or not
    about = {"claim": chance.choice(IDS), "claimant": who.actor, "kind": ClaimKind.REQUISITION, "item": "RE-1"}
    return "compensation", ask.ClaimCompensation(by=who, now=now, **about, **said, **days)


def _on(kind: Any, **said: Any) -> Any:
    return lambda chance, now: ("compensation", kind(now=now, claim="", **said))


def _of(kind: Any, by: Any = ICP, **said: Any) -> Any:
    return lambda chance, now: ("resources", kind(by=by, now=now, requisition="RE-1", **said))


def _back(chance: Random, now: Any) -> tuple[str, Command]:
    said = {"claim": chance.choice((None, None, *IDS)), "damage": money(chance.choice(("0", "650")))}
    return "resources", c.ReturnProperty(by=ICP, now=now, requisition="RE-1", condition="as told", **said)


ASKED: tuple[Any, ...] = (
    *(_claim,) * 3,
    *(_back,) * 4,
    _of(c.DeclareLoss, reason="it sank"),
    *(_of(c.CorrectReturn, cosigner=HQ, reason="it is out still"),) * 3,
    _of(c.CloseRequisition, by=HQ),
    _on(ask.AssessClaim, by=OFF),
    *(_on(ask.AssessClaim, by=OFF, reason="looked at"),) * 2,
    *(_on(ask.DecideClaim, by=APP, reason="so"),) * 3,
    _on(ask.DecideClaim, by=APP, amount=money("0"), reason="not yet"),
    *(_on(ask.PayClaim, by=FIN),) * 2,
    _on(ask.WithdrawClaim, by=OWNER),
    _on(ask.AddEvidence, by=OWNER, damage=money("900"), evidence=(ask.Proof("damage_report", DIGEST),)),
    _on(ask.FileAppeal, by=OWNER, reason="too little"),
    _on(ask.RecordAppealResult, by=GOV, outcome=AppealOutcome.ANNULLED, document=DIGEST),
    _on(ask.ReassessClaim, by=OFF, reason="looked at"),
    *(_on(ask.ReconsiderClaim, by=APP, cosigner=GOV, outcome=one, reason="so") for one in Outcome),
)
