"""The county decides, by the tariff, and says where a review may be asked for (NDR art. 20; SAR art. 48; ARC art. 20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.relief.commands import DecideRelief, Deciding, DenyRelief, ServeRelief
from services.resources.deciders.relief.household import known
from services.resources.deciders.relief.state import DECIDED, DENIED, POSTED, REVIEWED, Claim
from services.resources.deciders.relief.steps import refuse_posted, require_competent
from services.resources.deciders.relief.tariff import ReliefTariff, kind_of, owed
from services.resources.deciders.streams import household_stream, relief_stream, relief_tariff_stream
from services.resources.events import relief as r
from shared.blocks.money import cents, unfit
from shared.blocks.working_days import day_of
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

States = Mapping[str, Any]
APPLY = "K-28.apply"


def decide(command: Deciding, states: States, rules: Rules) -> Decided | Sequence[Any]:
    """Granted or denied by whom the kind names; then told."""
    own = relief_stream(command.relief)
    claim: Claim = states[own]
    match command:
        case DecideRelief():
            return _grant(command, claim, states, rules)
        case DenyRelief():
            _competent(command, claim, rules)
            claim.flow.require(claim.status, command)
            if not command.reason:
                raise RuleBroken(Failure("relief.reason", "say why nothing is granted", "reason"))
            said = (command.relief, command.reason, _remedy(command, rules), command.manner, command.by.actor, command.now)
            return Decided([(own, r.ReliefDenied(*said))], basis="NDR-20")
        case ServeRelief():
            return _serve(command, claim, own)
        case _:
            assert_never(command)


def named(command: Any, states: States) -> tuple[str, ...]:
    """The household of a claim, and the tariff its decision goes by."""
    claim = states.get(relief_stream(command.relief))
    if not isinstance(claim, Claim) or not claim.household:
        return ()
    tariff = (relief_tariff_stream(command.by.division, claim.kind),) if command.by.division else ()
    return household_stream(claim.household), *tariff


def tariff_of(command: Any, kind: str, states: States) -> ReliefTariff:
    """The tariff of the signer's division; empty when it set none."""
    found = states.get(relief_tariff_stream(command.by.division or "", kind))
    return found if isinstance(found, ReliefTariff) else ReliefTariff()


def _grant(command: DecideRelief, claim: Claim, states: States, rules: Rules) -> Decided:
    _competent(command, claim, rules)
    if claim.status in (POSTED, REVIEWED):
        refuse_posted(claim, command.now)  # the law's own answer comes before that of the order of steps
    claim.flow.require(claim.status, command)
    household = known(claim.household, states)
    year = day_of(command.now, rules).year
    due = owed(tariff_of(command, claim.kind, states), claim.kind, year, household.persons, rules)
    faults = [*unfit(command.amount, "amount")]
    if due is None:
        faults.append(Failure("relief.tariff", f"no tariff for {claim.kind} in {year}: set one (SetReliefTariff)", "amount"))
    elif command.amount is not None and not faults:
        if not 0 < command.amount <= due[0]:
            faults.append(Failure("relief.tariff", f"the tariff comes to {due[0]}: no more than that; deny what is nothing", "amount"))
        elif command.amount < due[0] and not command.reason:
            faults.append(Failure("relief.reason", f"the tariff comes to {due[0]}; say why it is less", "reason"))
    refuse_all(RuleBroken, faults)
    assert due is not None and command.by.division
    kind = kind_of(claim.kind, rules)
    assert kind is not None
    decided = r.ReliefDecided(
        relief=command.relief,
        household=claim.household,
        kind=claim.kind,
        incident=claim.incident,
        amount=cents(due[0] if command.amount is None else command.amount),
        tariff=due[0],
        source=due[1],
        reason=command.reason or "",
        payer=command.by.division,
        remedy=_remedy(command, rules),
        manner=command.manner,
        by=command.by.actor,
        at=command.now,
    )
    return Decided([(relief_stream(command.relief), decided)], basis=kind["basis"])


def _competent(command: DecideRelief | DenyRelief, claim: Claim, rules: Rules) -> None:
    """By the department of its kind, and not by who asked for it."""
    require_competent(command, claim, rules)
    if command.by.actor == claim.asked_by:
        raise NotAllowed(Failure("relief.apart", "another officer decides: not who asked for it"))


def _remedy(command: DecideRelief | DenyRelief, rules: Rules) -> r.Remedy:
    row = rules.value("relief.remedy")
    organ = command.remedy_organ or row["organ"].format(division=command.by.division)
    return r.Remedy(organ, rules.value(APPLY).days, f"{row['zh']} / {row['en']}", row["article"])


def _serve(command: ServeRelief, claim: Claim, own: str) -> Decided | Sequence[Any]:
    """The node tells at once what is to be told here; what is told on paper waits for its proof."""
    if command.by.has("SYS") and (claim.status not in (DECIDED, DENIED) or claim.manner is not r.ServedHow.IN_APP):
        return []
    claim.flow.require(claim.status, command)
    if r.ServedHow.PAPER in (command.manner, claim.manner) and not command.proof:
        raise RuleBroken(Failure("ARC-20", "name the proof that it arrived: receipt, registered letter, witness", "proof"))
    served = r.ReliefServed(command.relief, command.manner, command.proof or "", command.by.actor, command.now)
    return Decided([(own, served)], basis="ARC-20")
