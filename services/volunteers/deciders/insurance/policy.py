"""An insurance policy through its life (domain 3.19): no one departs without a cover (ERL-40.1, VSR-17.2, CHL-69.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from services.volunteers.deciders.insurance import commands as ask
from services.volunteers.deciders.insurance.cover import RISK
from services.volunteers.deciders.streams import force_stream, policy_stream, volunteer_stream
from services.volunteers.events import policy as said
from shared.blocks.flow import Flow
from shared.blocks.open_items import NOTHING, OpenItems
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all

NEW, ACTIVE, CANCELLED = "new", "active", "cancelled"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. Whether it has expired says its date."""

    status: str = NEW
    group: tuple[str, ...] = ()
    forces: tuple[str, ...] = ()
    risk: str = ""
    since: datetime | None = None
    until: datetime | None = None
    territory: str = ""
    division: str | None = None
    amount: Decimal | None = None  # for each person
    claims: OpenItems = NOTHING


FLOW = Flow(
    "policy.life",
    {
        (NEW, ask.RecordPolicy): ACTIVE,
        **{(ACTIVE, kind): ACTIVE for kind in (ask.ExtendPolicy, ask.LinkPersons)},
        (ACTIVE, ask.CancelPolicy): CANCELLED,
        **{(status, kind): status for status in (ACTIVE, CANCELLED) for kind in (ask.OpenInsuranceClaim, ask.SettleInsuranceClaim)},
    },
)
Changing = ask.ExtendPolicy | ask.CancelPolicy | ask.OpenInsuranceClaim | ask.SettleInsuranceClaim


def decide(command: ask.RecordPolicy | ask.LinkPersons | Changing, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; where holders are named, of the states by stream."""
    match command:
        case ask.RecordPolicy():
            return _record(command, state, rules)
        case ask.LinkPersons():
            return _link(command, state)
        case _:
            return _change(command, state)


def _record(command: ask.RecordPolicy, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = policy_stream(command.policy)
    _known(command, states)
    FLOW.require(states[own].status, command)
    missing = [
        Failure("policy.required", row["cure"], row["field"].removesuffix("_"))
        for row in rules.value("policy.required")
        if getattr(command, row["field"]) in (None, "")
    ]
    refuse_all(RuleBroken, [*missing, *_terms(command, rules)])
    assert command.insurer and command.number and command.risk and command.amount is not None and command.payer
    assert command.from_ and command.to and command.territory
    recorded = said.PolicyRecorded(
        policy=command.policy,
        insurer=command.insurer,
        number=command.number,
        group=tuple(dict.fromkeys(command.group)),
        forces=tuple(dict.fromkeys(command.forces)),
        risk=command.risk,
        amount=command.amount,
        since=command.from_,
        until=command.to,
        territory=command.territory,
        payer=command.payer,
        division=command.division or command.by.division,
        by=command.by.actor,
        at=command.now,
    )
    return Decided([(own, recorded)], basis="ERL-40.1")


def _terms(command: ask.RecordPolicy, rules: Rules) -> Iterable[Failure]:
    known = rules.value(RISK)
    if command.risk and command.risk not in known:
        cure = f"one of {', '.join(known)}; what covers no such task stands against no danger and is not recorded here"
        yield Failure(RISK, cure, "risk")
    if command.from_ and command.to and command.to <= command.from_:
        yield Failure("policy.period", "it ends after it begins", "to")
    if command.nowhere:
        yield Failure("policy.territory", f"{command.territory} is no division in force: name the one it holds in", "territory")
    if command.amount is not None and command.amount <= 0:
        yield Failure("policy.amount", "the sum insured is more than nothing", "amount")


def _link(command: ask.LinkPersons, states: Mapping[str, Any]) -> Sequence[Any]:
    own = policy_stream(command.policy)
    policy: Policy = states[own]
    _known(command, states)
    FLOW.require(policy.status, command)
    group = tuple(name for name in dict.fromkeys(command.group) if name not in policy.group)
    forces = tuple(name for name in dict.fromkeys(command.forces) if name not in policy.forces)
    if not group and not forces:
        return []
    since, until = _term(policy)
    linked = said.PersonsLinked(command.policy, group, forces, policy.risk, since, until, policy.territory, command.by.actor, command.now)
    return [(own, linked)]


def _known(command: ask.RecordPolicy | ask.LinkPersons, states: Mapping[str, Any]) -> None:
    """Whom it is to cover is registered, or on the way to it (domain 3.19: an unknown person is no reference)."""
    unknown = [name for name in command.group if states[volunteer_stream(name)].status == "new"]
    unknown += [name for name in command.forces if states[force_stream(name)].status == "new"]
    refuse_all(NotFound, [Failure("reference", f"{name} is unknown: register first", "group") for name in unknown])


def _change(command: Changing, policy: Policy) -> Sequence[Any] | Decided:
    FLOW.require(policy.status, command)
    name, by, now = command.policy, command.by.actor, command.now
    match command:
        case ask.ExtendPolicy():
            return _extend(command, policy)
        case ask.CancelPolicy():
            if not command.reason:
                raise RuleBroken(Failure("policy.reason", "say why", "reason"))
            return [said.PolicyCancelled(name, policy.group, policy.forces, command.reason, by, now)]
        case ask.OpenInsuranceClaim():
            return _claim(command, policy)
        case ask.SettleInsuranceClaim():
            return _settle(command, policy)
        case _:
            assert_never(command)


def _extend(command: ask.ExtendPolicy, policy: Policy) -> Sequence[said.PolicyExtended]:
    since, until = _term(policy)
    if command.now > until:
        raise WrongState(Failure("policy.life", f"it expired on {until.date()}: record a new policy, so that the gap is seen"))
    if command.to == until:
        return []
    if command.to is None or command.to < until:
        raise RuleBroken(Failure("policy.period", f"it holds until {until.isoformat()}: name a later time", "to"))
    extended = said.PolicyExtended(
        policy=command.policy,
        group=policy.group,
        forces=policy.forces,
        risk=policy.risk,
        since=since,
        until=command.to,
        territory=policy.territory,
        by=command.by.actor,
        at=command.now,
    )
    return [extended]


def _claim(command: ask.OpenInsuranceClaim, policy: Policy) -> Sequence[said.InsuranceClaimOpened]:
    if policy.claims.get(command.claim) is not None:
        raise WrongState(Failure("policy.claim", f"claim {command.claim} is there already: choose another id", "claim"))
    since, until = _term(policy)
    found = []
    if command.holder not in (*policy.group, *policy.forces):
        found.append(Failure("policy.holder", f"{command.holder} is not covered by this policy", "holder"))
    if command.happened is None or not since <= command.happened <= until:
        found.append(Failure("policy.period", f"say when it happened: between {since.date()} and {until.date()}", "happened"))
    refuse_all(RuleBroken, found)
    assert command.happened is not None
    by = command.by.actor
    return [said.InsuranceClaimOpened(command.policy, command.claim, command.holder, command.happened, command.incident, by, command.now)]


def _settle(command: ask.SettleInsuranceClaim, policy: Policy) -> Decided:
    """What the insurer did is kept; more than the sum insured for a person needs a reason, and is flagged."""
    claim = policy.claims.get(command.claim)
    if claim is None:
        raise NotFound(Failure("reference", f"claim {command.claim} is unknown: check the id", "claim"))
    if not policy.claims.is_open(command.claim):
        raise WrongState(Failure("policy.claim", f"claim {command.claim} is settled"))
    if command.paid is not None and command.paid < 0:
        raise RuleBroken(Failure("policy.amount", "what was paid is not below nothing", "paid"))
    if not command.paid and not command.reason:
        raise RuleBroken(Failure("policy.reason", "say what was paid, or why nothing was", "reason"))
    alone = claim.basis not in policy.forces
    over = bool(alone and command.paid and policy.amount is not None and command.paid > policy.amount)
    if over and not command.reason:
        raise RuleBroken(Failure("policy.amount", f"{policy.amount} is insured for a person: check the sum, or say why it is more", "paid"))
    settled = said.InsuranceClaimSettled(command.policy, command.claim, command.paid, command.reason or "", command.by.actor, command.now)
    return Decided([settled], flags=("A-OVER",) if over else ())


def _term(policy: Policy) -> tuple[datetime, datetime]:
    assert policy.since is not None and policy.until is not None  # recorded
    return policy.since, policy.until


def evolve(policy: Policy, event: said.PolicyEvent) -> Policy:
    """The policy after the event."""
    match event:
        case said.PolicyRecorded():
            term = (event.risk, event.since, event.until, event.territory)
            return Policy(ACTIVE, event.group, event.forces, *term, event.division, event.amount)
        case said.PolicyExtended(until=until):
            return replace(policy, until=until)
        case said.PersonsLinked():
            return replace(policy, group=(*policy.group, *event.group), forces=(*policy.forces, *event.forces))
        case said.PolicyCancelled():
            return replace(policy, status=CANCELLED)
        case said.InsuranceClaimOpened(claim=claim, holder=holder):
            return replace(policy, claims=policy.claims.open(claim, "claim", holder))
        case said.InsuranceClaimSettled(claim=claim):
            return replace(policy, claims=policy.claims.settle(claim, "settled"))
        case _:
            assert_never(event)


def _streams(command: Any) -> tuple[str, ...]:
    holders = (*map(volunteer_stream, dict.fromkeys(command.group)), *map(force_stream, dict.fromkeys(command.forces)))
    return (policy_stream(command.policy), *holders)


def _own(command: Any) -> tuple[str, ...]:
    return (policy_stream(command.policy),)


_PLAIN: tuple[type[Command], ...] = (ask.ExtendPolicy, ask.CancelPolicy, ask.OpenInsuranceClaim, ask.SettleInsuranceClaim)
POLICY = Decider(
    category="policy",
    initial=Policy(),
    decide=decide,
    evolve=evolve,
    about=lambda policy: About(policy.division),
    handles={
        ask.RecordPolicy: Handles(_streams, areas=lambda c: (c.division,) if c.division else (), creates=True, bulk=True),
        ask.LinkPersons: Handles(_streams, bulk=True),
        **{kind: Handles(_own) for kind in _PLAIN},
    },
    joint=frozenset({ask.RecordPolicy, ask.LinkPersons}),
)
