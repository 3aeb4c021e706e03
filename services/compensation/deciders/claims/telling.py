"""What a fact says of a thing for which somebody claims already is taken up by one claim of whom it was taken from: no other has its days.

That one is counted from the fact, or what the fact says stands beside what they stated; another of theirs for these days loses the thing
and says what the fact says. What was decided before is looked at by two (ERL-12, RQ-05).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from services.compensation.deciders.claims.amounts import kind_of
from services.compensation.deciders.claims.commands import ClaimCompensation
from services.compensation.deciders.claims.proving import FIGURES, evidence_of, figures_of, missing, to_decide
from services.compensation.deciders.claims.reconsidering import in_doubt
from services.compensation.deciders.claims.state import APPEALED, STANDING, WITHDRAWN, Claim
from services.compensation.deciders.claims.taking import item_stream, taken_again
from services.compensation.deciders.claims.unasked import TRIAGE, heard, possible, same
from services.compensation.deciders.entitlements.once import Once
from services.compensation.deciders.streams import claim_stream, entitlement_stream, once_stream
from services.compensation.events.figures import NOTHING_STATED, Period, Said
from services.compensation.events.ground import ClaimRestated, Ground
from shared.kernel.decider import Rules

Facts = list[tuple[str, Any]]
States = Mapping[str, Any]


def take_up(command: ClaimCompensation, states: States, rules: Rules) -> tuple[Facts, tuple[str, ...], bool]:
    """What the claims for the thing take up, what somebody looks at, whether nothing is left to claim. Said again, it changes nothing."""
    if command.kind is None or command.item is None:
        return [], (), False
    has: Once = states[item_stream(command.kind, command.item)]
    known: list[Claim] = [states[claim_stream(name)] for name in dict.fromkeys((*possible(command), *has.claims))]
    if any(_for_it(one, command) and one.told_at is not None and command.now < one.told_at for one in known):
        return _late(command, known, rules)
    days = {one.claim for one in has.sharing((_days(command),), but="") if one.claimant == command.claimant}
    told = [one for one in known if one.claim in days and not heard(one, command)]
    waiting = [one for one in known if _waits(one, command) and one not in told]
    asked = _asked(command, (*told, *waiting), states)
    heir = _heir(command, told, waiting)
    facts: Facts = []
    if heir is not None:
        facts += [*_counted(heir, command, asked, rules), *_taken(heir, command, states)]
        told, waiting = ([one for one in some if one.claim != heir.claim] for some in (told, waiting))
    whole = command.damage == 0 and command.days is None  # lent, and whole: nothing to claim
    for one in told:
        facts += _restated(one, command, rules, otherwise=_otherwise(one, command))
    for one in waiting:
        facts += _restated(one, command, rules)
    if whole and not days and asked is not None:  # whoever waits for the claim that the fact named hears of it once more
        facts += _named(command, states, rules)
    return facts, _flags(facts, heir), heir is not None or bool(days) or whole


def instead(command: ClaimCompensation, opened: str, states: States) -> str | None:
    """The claim that the fact named, of one that is opened under another id."""
    return _asked(command, (), states) if opened != command.claim else None


def _late(command: ClaimCompensation, known: Iterable[Claim], rules: Rules) -> tuple[Facts, tuple[str, ...], bool]:
    """An older fact than one that was heard of is shown, and nothing is counted from it."""
    live = [one for one in known if _for_it(one, command) and one.status != WITHDRAWN and not heard(one, command)]
    said: dict[str, Any] = {"evidence": evidence_of(command.evidence), "late": True}
    facts = [fact for one in live for fact in _restated(one, command, rules, otherwise=_otherwise(one, command), **said)]
    return facts, _flags(facts, None), True


def _flags(facts: Facts, heir: Claim | None) -> tuple[str, ...]:
    """Somebody looks at what differs, and at what is another claim's no longer."""
    differs = any(getattr(fact, "otherwise", None) is not None for _, fact in facts)
    taken = any(fact.claim != (heir.claim if heir else "") for stream, fact in facts if stream.startswith("once-"))
    return (TRIAGE,) if differs or taken else ()


def _days(command: ClaimCompensation) -> Period:
    """Those it was out."""
    return Period(command.since, command.until)


def _for_it(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is for this thing, of whom it was taken from."""
    return (claim.claimant, claim.kind, claim.item) == (command.claimant, command.kind, command.item)


def _waits(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether it is for this thing, and waits until that is back; what was given up waits for nothing."""
    return claim.doubt is Ground.NOT_BACK and claim.status != WITHDRAWN and (claim.kind, claim.item) == (command.kind, command.item)


def _systems(claim: Claim, command: ClaimCompensation) -> bool:
    """Whether the system opened it for them, for this matter."""
    return command.by.actor in claim.taken_part and same(claim, command)


def _heir(command: ClaimCompensation, told: Iterable[Claim], waiting: Iterable[Claim]) -> Claim | None:
    """The one claim that takes the fact up: the system's own, else the first that was made for any of its days."""
    own = [one for one in (*waiting, *told) if _systems(one, command)]
    return min(own or told, key=lambda one: (one.opened or command.now, one.claim), default=None)


def _asked(command: ClaimCompensation, concerned: Collection[Claim], states: States) -> str | None:
    """The id the fact named, where no claim that is still to be decided has it: whoever waits for that waits for another."""
    named: Claim = states[claim_stream(command.claim)]
    goes_on = _for_it(named, command) and named.status != WITHDRAWN and (named.decided is None or named.doubt is not None)
    return None if named in concerned or goes_on else command.claim


def _named(command: ClaimCompensation, states: States, rules: Rules) -> Facts:
    """The claim that the fact named, where it was decided: two look whether that stands."""
    named: Claim = states[claim_stream(command.claim)]
    if not _for_it(named, command) or named.status == WITHDRAWN or heard(named, command):
        return []
    return _restated(named, command, rules, evidence=evidence_of(command.evidence))


def _otherwise(claim: Claim, command: ClaimCompensation) -> Said | None:
    """What the fact says, where the claim is counted from something else."""
    said = Said(figures_of(command, NOTHING_STATED), command.tariff)
    return said if said.figures != claim.figures or said.tariff not in (None, claim.tariff) else None


def _counted(claim: Claim, command: ClaimCompensation, asked: str | None, rules: Rules) -> Facts:
    """From the fact, where it is the system's own, nothing was stated in it, or an officer entered it where another pays: what had been
    stated stands beside it then. Else from what was stated, with what the fact says beside it."""
    assert claim.kind is not None
    own, payer = _systems(claim, command), command.by.division
    anew = own or not claim.stated or (claim.on_behalf and claim.payer != payer)
    unnamed = (None, kind_of(claim.kind, rules)["tariff"])  # the kind's own, which says nothing of what was taken
    tariff = command.tariff if command.tariff and (anew or claim.tariff in unnamed) else claim.tariff
    figures = figures_of(command, NOTHING_STATED) if anew else claim.figures
    differs = (claim.stated and claim.figures != figures) or claim.tariff not in (*unnamed, tariff)
    theirs = Said(claim.figures, claim.tariff) if differs else None
    proofs = (*claim.evidence, *(one.kind for one in command.evidence))
    lacks = missing(claim.kind, figures, proofs, claim.entitled, rules)
    return _restated(
        claim,
        command,
        rules,
        figures=figures,
        covers=_covers(claim, command, own),
        evidence=evidence_of(command.evidence),
        missing=tuple(one for one in lacks if not anew or one != FIGURES),  # it may come to nothing
        tariff=tariff if tariff != claim.tariff else None,
        payer=payer if payer != claim.payer else None,
        otherwise=theirs if anew else _otherwise(replace(claim, tariff=tariff), command),
        instead_of=asked,
    )


def _covers(claim: Claim, command: ClaimCompensation, own: bool) -> tuple[Period, ...]:
    """The days it was out, with those that who claims named."""
    if own:
        return (_days(command),)
    apart = tuple(one for one in claim.covers if not one.overlaps(_days(command)))
    return (*apart, reduce(Period.spanning, (one for one in claim.covers if one not in apart), _days(command)))


def _taken(claim: Claim, command: ClaimCompensation, states: States) -> Facts:
    """It has those days, whoever claimed any of them before: the fact says whose the thing is, and one claim has them."""
    covers = _covers(claim, command, _systems(claim, command))
    facts: Facts = [(once_stream(one.what), one) for one in taken_again(claim, covers, states, command.now)]
    guard = entitlement_stream(claim.claimant, claim.incident)
    if guard in states and (kept := states[guard].claims.get(claim.claim)) is not None and kept.covers != covers:
        facts.append((guard, replace(kept, covers=covers, at=command.now, met=())))
    return facts


def _restated(claim: Claim, command: ClaimCompensation, rules: Rules, **said: Any) -> Facts:
    """What is not said stays as it is; what was decided is doubted."""
    kept: dict[str, Any] = {"figures": claim.figures, "covers": claim.covers, "evidence": (), "missing": claim.missing} | said
    waits = claim.doubt is Ground.NOT_BACK and "late" in said
    clocks, stopped = ((), ()) if waits else to_decide(claim, kept["missing"], command.now, rules)
    about: dict[str, Any] = {"kind": claim.kind, "claimant": claim.claimant, "item": claim.item}
    fact = ClaimRestated(claim=claim.claim, at=command.now, clocks=clocks, stopped=stopped, **about, **kept)
    decided = claim.doubt is None and claim.status in (*STANDING, APPEALED)
    source = next((one.document for one in command.evidence if one.document), "")
    doubted = [in_doubt(claim, Ground.FIGURES, source, command.now, rules)] if decided else []
    return [(claim_stream(claim.claim), one) for one in (*doubted, fact)]
