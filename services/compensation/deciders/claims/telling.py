"""What a fact says of a thing for which somebody claims already is taken up by those claims: nothing that was said is lost.

The system's own claim is counted from it anew and has every day of it; a claim that who owns the thing made keeps what they stated, with
what was said beside it, and is looked at by two where it was decided (ERL-12, RQ-05).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.proving import FIGURES, evidence_of, figures_of, missing
from services.compensation.deciders.claims.reconsidering import in_doubt
from services.compensation.deciders.claims.state import APPEALED, NEW, PREPARED, STANDING, WITHDRAWN, Claim
from services.compensation.deciders.claims.taking import item_stream, taken_again
from services.compensation.deciders.claims.unasked import DECIDE, TRIAGE, heard, possible, same
from services.compensation.deciders.entitlements.once import Once
from services.compensation.deciders.streams import claim_stream, entitlement_stream, once_stream
from services.compensation.events.figures import NOTHING_STATED, Period
from services.compensation.events.ground import ClaimRestated, Ground
from services.compensation.events.once import OnceTaken
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Rules

Facts = list[tuple[str, Any]]
States = Mapping[str, Any]


def take_up(command: ClaimCompensation, states: States, rules: Rules) -> tuple[Facts, tuple[str, ...], bool]:
    """What the claims for the thing take up, what somebody looks at, whether nothing is left to claim. Said again, it changes nothing."""
    if command.kind is None or command.item is None:
        return [], (), False
    has: Once = states[item_stream(command.kind, command.item)]
    names = dict.fromkeys((*possible(command), *has.claims))
    known: list[Claim] = [states[claim_stream(name)] for name in names]
    days = has.sharing((Period(command.since, command.until),), but="")
    theirs = {one.claim for one in days if one.claimant == command.claimant}
    told = [one for one in known if one.claim in theirs and not heard(one, command)]
    concerned = [one for one in known if _waits(one, command) or one in told]
    own = next((one for one in concerned if command.by.actor in one.taken_part and same(one, command)), None)
    asked = _asked(command, concerned, states)
    if own is not None:
        waiting = [one for one in concerned if one is not own and _waits(one, command)]
        facts = [fact for one in waiting for fact in _restated(one, command, None, rules)]
        return _own(command, own, states, rules, asked, facts)
    facts = [fact for one in concerned for fact in _restated(one, command, asked if one in told else None, rules, told=one in told)]
    facts += _from_strangers(command, has, told)
    differs = any(isinstance(fact, ClaimRestated) and fact.otherwise is not None for _, fact in facts)
    whole = command.damage == 0 and command.days is None  # lent, and whole: nothing to claim
    return facts, (TRIAGE,) if differs else (), bool(theirs) or whole


def _own(
    command: ClaimCompensation, own: Claim, states: States, rules: Rules, asked: str | None, facts: Facts
) -> tuple[Facts, tuple[str, ...], bool]:
    """The system's own claim, counted anew, has every day of it."""
    covers = (Period(command.since, command.until),)
    facts += _restated(own, command, asked, rules, own=True)
    guard = entitlement_stream(own.claimant, own.incident)
    if (kept := states[guard].claims.get(own.claim)) is not None:
        facts.append((guard, replace(kept, covers=covers, at=command.now, met=())))
    taken = taken_again(own, covers, states, command.now)
    facts += [(once_stream(one.what), one) for one in taken]
    dropped = own.put_right and figures_of(command, NOTHING_STATED) != own.figures
    looked_at = dropped or any(one.claim != own.claim for one in taken)
    return facts, (TRIAGE,) if looked_at else (), True


def _waits(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is for this thing, and waits until that is back; what was given up waits for nothing."""
    return claim.doubt is Ground.NOT_BACK and claim.status != WITHDRAWN and (claim.kind, claim.item) == (command.kind, command.item)


def _asked(command: ClaimCompensation, concerned: Iterable[Claim], states: States) -> str | None:
    """The id the fact named, where no claim that is still to be decided has it: whoever waits for that waits for another."""
    named: Claim = states[claim_stream(command.claim)]
    for_it = (named.claimant, named.kind, named.item) == (command.claimant, command.kind, command.item)
    goes_on = named.status not in (NEW, WITHDRAWN) and (named.decided is None or named.doubt is not None)
    return None if named in concerned or (for_it and goes_on) else command.claim


def instead(command: ClaimCompensation, opened: str, states: States) -> str | None:
    """The same, of a claim that is opened under another id."""
    return _asked(command, (), states) if opened != command.claim else None


def _restated(claim: Claim, command: ClaimCompensation, asked: str | None, rules: Rules, *, own: bool = False, told: bool = False) -> Facts:
    """Counted from what is said now where it is the system's own, or where nothing was stated in it; else from what was stated in it."""
    assert claim.kind is not None
    said = figures_of(command, NOTHING_STATED)
    figures = said if own or (told and claim.figures == NOTHING_STATED) else claim.figures
    covers = (Period(command.since, command.until),) if own else _longer(claim, command) if told else claim.covers
    brought = command.evidence if own or told else ()
    lacks = missing(claim.kind, figures, (*claim.evidence, *(one.kind for one in brought)), claim.entitled, rules)
    lacks = tuple(one for one in lacks if not own or one != FIGURES)  # it may come to nothing
    starts = claim.status in PREPARED and not lacks and not claim.clocks.runs(DECIDE)
    dropped = claim.figures if own and claim.put_right and claim.figures != said else None
    fact = ClaimRestated(
        claim=claim.claim,
        figures=figures,
        covers=covers,
        evidence=evidence_of(brought),
        missing=lacks,
        at=command.now,
        clocks=(deadline(rules, DECIDE, command.now),) if starts else (),
        kind=claim.kind,
        claimant=claim.claimant,
        item=claim.item,
        instead_of=asked,
        otherwise=said if told and figures != said else dropped,
    )
    decided = claim.doubt is None and claim.status in (*STANDING, APPEALED)
    source = next((one.document for one in command.evidence if one.document), "")
    doubted = [in_doubt(claim, Ground.FIGURES, source, command.now, rules)] if decided else []
    return [(claim_stream(claim.claim), one) for one in (*doubted, fact)]


def _longer(claim: Claim, command: ClaimCompensation) -> tuple[Period, ...]:
    """The days it covers, and those it was out."""
    since, until = command.since, command.until
    within = since is None or until is None or any(one.holds(since) and one.holds(until) for one in claim.covers)
    return claim.covers if within else (*claim.covers, Period(since, until))


def _from_strangers(command: ClaimCompensation, has: Once, told: list[Claim]) -> Facts:
    """The fact says whose the thing is: their claim has its days, and what others claimed of these is not theirs."""
    if not told:
        return []
    assert command.kind is not None and command.item is not None
    own = item_stream(command.kind, command.item)
    facts: list[OnceTaken] = []
    for one in told:
        before, covers = has.claims[one.claim], _longer(one, command)
        strangers = [other for other in has.sharing(covers, but=one.claim) if other.claimant != one.claimant]
        if strangers or covers != before.covers:
            facts.append(replace(before, covers=covers, at=command.now))
        facts += [replace(other, covers=(), at=command.now) for other in strangers]
    return [(own, one) for one in dict.fromkeys(facts)]
