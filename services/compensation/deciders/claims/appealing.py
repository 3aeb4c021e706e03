"""Reviews: never dropped, with the terms of the law, and what follows from their result (ARC-20, 30, 62; K-28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.compensation.deciders.claims.commands import Appealing, RecordAppealResult
from services.compensation.deciders.claims.deciding import APPLY, LOOK, PAY, RECOVER, SERVE, recovery
from services.compensation.deciders.claims.proving import for_another, speaker
from services.compensation.deciders.claims.state import FLOW, Claim, told
from services.compensation.deciders.entitlements.entitlement import Entitlement
from services.compensation.deciders.streams import claim_stream, entitlement_stream, leader_stream
from services.compensation.events.appeal import AppealFiled, AppealOutcome, AppealResultRecorded
from services.compensation.events.figures import ZERO
from services.compensation.events.ground import Ground
from shared.blocks.clocks import Due
from shared.blocks.deadlines import deadline
from shared.blocks.money import cents, unfit, unreferenced
from shared.blocks.working_days import working_days
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, WrongState, refuse_all

ADMIT, DECIDE, EXTEND = "K-28.admit", "K-28.decide", "K-28.extend"
WHILE_RUNNING = (AppealOutcome.ADMITTED, AppealOutcome.EXTENDED)
ANSWERED = (AppealOutcome.UPHELD, AppealOutcome.CHANGED)


def appeal(command: Appealing, states: Mapping[str, Any], rules: Rules) -> Decided | Sequence[Any]:
    """An appeal, or what the reviewing organ said."""
    own = claim_stream(command.claim)
    claim: Claim = states[own]
    if isinstance(command, RecordAppealResult):
        return Decided([(own, told(claim, _result(command, claim, rules)))], basis="ARC-62")
    entitlement: Entitlement = states[entitlement_stream(claim.claimant, claim.incident)]
    for_another(command.by, claim.claimant, speaker(states[leader_stream(claim.claimant)], entitlement, claim.kind))
    if claim.settled:
        raise WrongState(Failure("claim.state", "both sides agreed to it; nothing was decided that could be reviewed"))
    FLOW.require(claim.status, command)
    late = claim.final or claim.clocks.late(APPLY, command.now) is not None
    admit = Due(ADMIT, ADMIT, command.now, working_days(command.now, rules.value(ADMIT)["working_days"], rules))
    clocks = (admit, deadline(rules, DECIDE, command.now))
    organ = claim.remedy.organ if claim.remedy else ""
    flags = (*(("A-LATE",) if late else ()), *(() if command.reason else ("A-INCOMPLETE",)))
    stopped = (LOOK,) if claim.clocks.runs(LOOK) else ()  # the reviewing organ speaks first
    filed = AppealFiled(command.claim, organ, command.reason or "", late, command.by.actor, command.now, clocks, stopped)
    return Decided([(own, filed)], basis="ARC-20", flags=flags)


def _result(command: RecordAppealResult, claim: Claim, rules: Rules) -> AppealResultRecorded:
    FLOW.require(claim.status, command)
    outcome = command.outcome
    faults = [*unfit(command.amount, "amount"), *unreferenced(command.document, "document")]
    if outcome is None:
        faults.append(Failure("claim.appeal_result", f"say what came of it: {', '.join(AppealOutcome)}", "outcome"))
    if command.document is None:
        faults.append(Failure("claim.appeal_result", "name where the decision of the reviewing organ is kept", "document"))
    if outcome is AppealOutcome.CHANGED and command.amount is None:
        faults.append(Failure("amount", "name the amount as it was changed", "amount"))
    if outcome is not AppealOutcome.CHANGED and command.amount is not None:
        faults.append(Failure("amount", "only a changed decision has another amount", "amount"))
    refuse_all(RuleBroken, faults)
    assert outcome is not None and command.document
    amount = cents(command.amount) if command.amount is not None else None
    if amount is None and outcome is not AppealOutcome.ANNULLED:
        amount = claim.decided
    late = claim.clocks.runs(APPLY) and claim.clocks.late(APPLY, command.now) is not None
    standing = outcome not in WHILE_RUNNING and outcome is not AppealOutcome.ANNULLED
    final = standing and (claim.final or late or outcome in ANSWERED)
    answered = (ADMIT,) if outcome in WHILE_RUNNING else (ADMIT, DECIDE)
    met = tuple(key for key in answered if claim.clocks.runs(key))
    stopped = tuple(key for key in _stopped(outcome, final, amount, claim) if claim.clocks.runs(key))
    clocks = _clocks(command, final, amount, claim, rules)
    by = command.by.actor
    return AppealResultRecorded(command.claim, outcome, amount, command.document, final, by, command.now, met, stopped, clocks)


def _stopped(outcome: AppealOutcome, final: bool, amount: Decimal | None, claim: Claim) -> tuple[str, ...]:
    """What is waited for no longer: who had it reviewed knows the decision; what is final, or owed no more, has no term."""
    if outcome in WHILE_RUNNING:
        return ()
    if outcome is AppealOutcome.ANNULLED:
        return SERVE, APPLY, PAY, RECOVER
    enough = (amount or ZERO) <= claim.paid
    return (SERVE, *((APPLY,) if final else ()), *((PAY,) if enough else ()), *((RECOVER,) if (amount or ZERO) >= claim.paid else ()))


def _clocks(command: RecordAppealResult, final: bool, amount: Decimal | None, claim: Claim, rules: Rules) -> tuple[Due, ...]:
    now, outcome = command.now, command.outcome
    if outcome is AppealOutcome.ADMITTED:
        return ()
    if outcome is AppealOutcome.EXTENDED:
        before = claim.clocks.get(DECIDE)
        since = before.due_at if before else now
        return (Due(DECIDE, EXTEND, since, since + rules.value(EXTEND)),)
    if outcome is AppealOutcome.ANNULLED:
        return () if claim.doubt is Ground.NOT_BACK else (deadline(rules, "K-27", now),)
    unserved = claim.clocks.runs(SERVE) and not final
    owed = (amount or ZERO) > claim.paid and claim.doubt is None and (outcome is AppealOutcome.CHANGED or not claim.clocks.runs(PAY))
    look = (deadline(rules, LOOK, now),) if claim.doubt is not None else ()
    back = recovery(amount or ZERO, claim, now, rules) if outcome is AppealOutcome.CHANGED else ()
    return (*((deadline(rules, APPLY, now),) if unserved else ()), *((deadline(rules, PAY, now),) if owed else ()), *back, *look)
