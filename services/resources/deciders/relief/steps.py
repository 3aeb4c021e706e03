"""The steps before the decision: asked, appraised, posted, objected to, reviewed (NDR art. 20; SAR art. 48)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.incident import Incident
from services.resources.deciders.purposes import unknown_purpose
from services.resources.deciders.relief.commands import (
    ApplyRelief,
    Asking,
    FileObjection,
    InVillage,
    NominateRelief,
    PayUrgentRelief,
    PostList,
    RecordAppraisal,
    ResolveObjection,
    ReturnApplication,
    ReviewAtTownship,
)
from services.resources.deciders.relief.household import known
from services.resources.deciders.relief.state import APPRAISED, DECIDED, NEW, POSTED, REVIEWED, SERVED, TOWNSHIP, Claim
from services.resources.deciders.relief.tariff import kind_of, kinds
from services.resources.deciders.streams import incident_stream, paid_stream, relief_stream
from services.resources.events import relief as r
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

POSTING, QUORUM = "K-29", "relief.quorum"
PURPOSE = "relief.payment"
VOTES = 100_000  # in one appraisal (own default): more than any village has people
AFTER_DECISION = (DECIDED, SERVED)
BEFORE_PAYMENT = (APPRAISED, POSTED, REVIEWED, *AFTER_DECISION)
# A posting holds amounts and days; whatever else has so many digits is somebody's number.
_NUMBER = re.compile(r"\d{11,}|\d{3}[\s-]\d{4}[\s-]\d{4}|\d{6}\s\d{8}\s\d{3}[\dXx]")


def ask(command: Asking, states: Mapping[str, Any], rules: Rules) -> Decided | Sequence[Any]:
    """For oneself, or by the village: a known household, kind and incident, and nothing paid for them yet."""
    own = relief_stream(command.relief)
    claim: Claim = states[own]
    if command.by.has("CIT") and command.by.actor != command.household:
        raise NotAllowed(Failure("relief.own", "everybody asks for the own household; village and township ask for others", "household"))
    if isinstance(command, NominateRelief) and command.by.has("CIT"):
        raise NotAllowed(Failure("NDR-20", "the group of villagers nominates; ask for yourself (ApplyRelief)"))
    household = known(command.household, states)
    claim.flow.require(claim.status, command)
    kind, faults = asked_for(command, states, rules)
    if claim.status != NEW and claim.household != command.household:
        faults.append(Failure("relief.state", f"{command.relief} is of {claim.household}: give another household a claim of its own"))
    refuse_all(RuleBroken, faults)
    assert command.kind and command.incident and household.village
    refuse_paid(command.household, command.kind, command.incident, states)
    fact = r.ReliefNominated if isinstance(command, NominateRelief) else r.ReliefApplied
    said = fact(
        command.relief,
        command.household,
        command.kind,
        kind["chain"],
        command.incident,
        household.village,
        command.purpose or PURPOSE,
        household.person,
        household.fields,
        command.by.actor,
        command.now,
    )
    return Decided([(own, said)], basis=kind["basis"])


def asked_for(command: Asking | PayUrgentRelief, states: Mapping[str, Any], rules: Rules) -> tuple[Mapping[str, Any], list[Failure]]:
    """The row of the kind; with what is missing or unknown."""
    kind, faults = kind_of(command.kind, rules), []
    if kind is None:
        faults.append(Failure("relief.kind", f"name the kind of relief: {kinds(rules)}", "kind"))
    incident = states.get(incident_stream(command.incident)) if command.incident else None
    if not isinstance(incident, Incident) or incident.division is None:
        unknown = f"{command.incident} is unknown: name the incident it follows from, as ListIncidents has it"
        cure = unknown if command.incident else "name the incident it follows from"
        faults.append(Failure("relief.incident", cure, "incident"))  # open or over: need outlives it
    faults += unknown_purpose(command.purpose, "relief", rules)
    return kind or {"chain": TOWNSHIP, "basis": "", "pays_first": False}, faults


def refuse_paid(household: str, kind: str, incident: str, states: Mapping[str, Any]) -> None:
    """One payment for each household, kind and incident. WrongState."""
    before = states.get(paid_stream(household, kind, incident))
    if before is not None and before.relief is not None:
        raise WrongState(Failure("relief.once", f"{household} was paid {kind} for {incident} by {before.relief}", "household"))


def step(command: InVillage, claim: Claim, rules: Rules) -> Decided | Sequence[Any]:
    """One step further, in the order of the chain."""
    match command:
        case RecordAppraisal():
            return _appraise(command, claim, rules)
        case PostList():
            return _post(command, claim, rules)
        case FileObjection():
            return _object(command, claim)
        case ResolveObjection():
            return _resolve(command, claim, rules)
        case ReviewAtTownship():
            claim.flow.require(claim.status, command)
            refuse_posted(claim, command.now)
            return Decided([r.TownshipReviewed(command.relief, command.note, command.by.actor, command.now)], basis="NDR-20")
        case ReturnApplication():
            claim.flow.require(claim.status, command)
            if not command.reason:
                raise RuleBroken(Failure("relief.reason", "say what is to be put right", "reason"))
            return [r.ReliefReturned(command.relief, command.reason, command.by.actor, command.now)]
        case _:
            assert_never(command)


def refuse_posted(claim: Claim, now: Any) -> None:
    """Nothing goes on while the list hangs or an objection is open (NDR-20)."""
    if claim.until is not None and now < claim.until:
        raise RuleBroken(Failure("NDR-20", f"posting ends on {claim.until:%Y-%m-%d}"))
    refuse_contested(claim)


def refuse_contested(claim: Claim) -> None:
    """Somebody objected and nobody looked into it yet. WrongState."""
    if claim.contested:
        raise WrongState(Failure("NDR-20", f"resolve first: {', '.join(claim.contested)}"))


def require_competent(command: Any, claim: Claim, rules: Rules) -> None:
    """Each kind is decided by its own department of the county. NotAllowed."""
    kind = kind_of(claim.kind, rules)
    if kind is not None and not command.by.has(*kind["decided_by"]):
        raise NotAllowed(Failure(kind["basis"], f"{claim.kind} is decided by {' or '.join(kind['decided_by'])} of the county"))


def _appraise(command: RecordAppraisal, claim: Claim, rules: Rules) -> Decided:
    claim.flow.require(claim.status, command)
    votes = {"votes_for": command.votes_for, "votes_against": command.votes_against}
    faults = [Failure("NDR-20", f"say the number of {name}", name) for name, said in votes.items() if said is None or said < 0]
    many = [name for name, said in votes.items() if said is not None and said > VOTES]
    faults += [Failure("relief.votes", f"{name} is the number of villagers who voted so, {VOTES} at most", name) for name in many]
    quorum, voted = rules.value(QUORUM), (command.votes_for or 0) + (command.votes_against or 0)
    if not faults and voted < quorum:
        faults.append(Failure(QUORUM, f"{voted} voted, {quorum} at least must: meet again", "votes_for"))
    refuse_all(RuleBroken, faults)
    assert command.votes_for is not None and command.votes_against is not None
    passed = command.votes_for > command.votes_against
    said = (command.relief, command.votes_for, command.votes_against, passed, command.by.actor, command.now)
    return Decided([r.ReliefAppraised(*said)], basis="NDR-20")


def _post(command: PostList, claim: Claim, rules: Rules) -> Decided:
    claim.flow.require(claim.status, command)
    text = command.text or ""
    faults = []
    if not text.strip():
        faults.append(Failure("NDR-26", "say what is posted: village, kind, amount", "text"))
    if command.known or _NUMBER.search(unicodedata.normalize("NFKC", text)):
        cure = "no ID number in a posting, nor phone or account, nor anything on health: village, kind and amount are enough"
        faults.append(Failure("PIPL-6", cure, "text"))
    least = command.now + rules.value(POSTING)
    until = command.until or least
    if until < least:
        faults.append(Failure(POSTING, f"it hangs for {rules.value(POSTING).days} days: until {least:%Y-%m-%d %H:%M} at least", "until"))
    refuse_all(RuleBroken, faults)
    return Decided([r.ReliefPosted(command.relief, text, until, command.by.actor, command.now)], basis="NDR-20")


def _object(command: FileObjection, claim: Claim) -> Decided | Sequence[Any]:
    """Whatever the claim's state: an objection is heard. Said again it changes nothing."""
    if command.objection in claim.objections:
        return []
    late = (claim.until is not None and command.now > claim.until) or claim.amount is not None
    filed = r.ObjectionFiled(command.relief, command.objection, command.text, late, command.by.actor, command.now)
    told = {"A-LATE": late, "A-INCOMPLETE": command.covered or not command.text.strip()}  # it is kept, not all as it was said
    return Decided([filed], basis="NDR-20", flags=tuple(flag for flag, holds in told.items() if holds))


def _resolve(command: ResolveObjection, claim: Claim, rules: Rules) -> Decided:
    """Upheld, the village appraises anew. A decision of the county is undone by the department that decides the kind, and by no other."""
    if claim.status in AFTER_DECISION:
        require_competent(command, claim, rules)
    if command.objection not in claim.objections:
        raise NotFound(Failure("reference", f"{command.relief} has no objection {command.objection}", "objection"))
    if not claim.objections[command.objection]:
        raise WrongState(Failure("relief.state", f"{command.objection} is resolved", "objection"))
    faults = []
    if command.upheld is None:
        faults.append(Failure("NDR-20", "say whether it is upheld", "upheld"))
    if not command.reason:
        faults.append(Failure("relief.reason", "say why", "reason"))
    refuse_all(RuleBroken, faults)
    assert command.upheld is not None and command.reason
    anew = command.upheld and claim.status in BEFORE_PAYMENT
    said = (command.relief, command.objection, command.upheld, command.reason, anew, command.by.actor, command.now)
    return Decided([r.ObjectionResolved(*said)], basis="NDR-20")


def applying(command: ApplyRelief | NominateRelief | PayUrgentRelief) -> tuple[str, ...]:
    """The once-guard of what is asked for, where it is named."""
    if not command.kind or not command.incident:
        return ()
    return incident_stream(command.incident), paid_stream(command.household, command.kind, command.incident)
