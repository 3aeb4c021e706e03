"""Claims that end in every way there is, and claims to which anything happens: for whoever shows or follows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from services.compensation.deciders.claims.commands import (
    AddEvidence,
    CorrectPayment,
    DoubtClaim,
    EscalateClaimClock,
    FileAppeal,
    ReassessClaim,
    ReconsiderClaim,
    RecordAppealResult,
    SettleClaim,
    WithdrawClaim,
)
from services.compensation.deciders.entitlements.entitlement import RecordEntitlement
from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.decision import Manner
from services.compensation.events.ground import Ground, Outcome
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError
from tests.compensation.world import (
    APP,
    DIGEST,
    FIN,
    FIN2,
    GOV,
    NOW,
    OFF,
    SYS,
    VA,
    Town,
    assess,
    assessed,
    claim,
    decide,
    minutes,
    money,
    pay,
    serve,
)

Commands = tuple[Command, ...]
A: dict[str, Any] = {"now": NOW, "claim": "CL-A"}
LATE = NOW + timedelta(days=61)
APPEAL = FileAppeal(by=VA, reason="a day is missing", **A)
DENY = decide(amount=money("0"), reason="paid by the employer")
REVERSE = CorrectPayment(by=FIN, cosigner=FIN2, amount=money("326.5"), reason="it came back", **A)
TERM_OVER = EscalateClaimClock(by=SYS, now=LATE, claim="CL-A", key="K-28.apply")
PAID = (decide(), serve(), pay())


def agreed(amount: str) -> SettleClaim:
    return SettleClaim(by=APP, amount=money(amount), document=DIGEST, **A)


def result(outcome: AppealOutcome, amount: str | None = None) -> RecordAppealResult:
    return RecordAppealResult(by=GOV, outcome=outcome, amount=money(amount) if amount else None, document=DIGEST, **A)


UPHELD, CHANGED, ANNULLED = AppealOutcome.UPHELD, AppealOutcome.CHANGED, AppealOutcome.ANNULLED
MORE, LESS = result(CHANGED, "446.5"), result(CHANGED, "206.5")
ANEW = ReassessClaim(by=OFF, **A)

# what happens to an assessed claim of 326.50, and whether anything still waits for it
ENDINGS: dict[str, tuple[Commands, bool]] = {
    "assessed": ((), True),
    "withdrawn": ((WithdrawClaim(by=VA, **A),), False),
    "decided": ((decide(), serve()), True),
    "denied": ((DENY,), False),
    "paid": (PAID, False),
    "settled at nothing": ((agreed("0"),), False),
    "settled": ((agreed("300"),), True),
    "settled and paid": ((agreed("300"), pay()), False),
    "final before it was paid": ((decide(), serve(), TERM_OVER), True),
    "final, then paid": ((decide(), serve(), TERM_OVER, pay()), False),
    "paid and final": ((*PAID, TERM_OVER), False),
    "appealed": ((*PAID, APPEAL), True),
    "paid while appealed": ((decide(), serve(), APPEAL, pay()), True),
    "paid while appealed, upheld": ((decide(), serve(), APPEAL, pay(), result(UPHELD)), False),
    "paid, upheld": ((*PAID, APPEAL, result(UPHELD)), False),
    "denied, upheld": ((DENY, serve(), APPEAL, result(UPHELD)), False),
    "unserved, upheld": ((decide(manner=Manner.PAPER), APPEAL, result(UPHELD)), True),
    "unserved, upheld, paid": ((decide(manner=Manner.PAPER), APPEAL, result(UPHELD), pay()), False),
    "paid, not admitted": ((*PAID, APPEAL, result(AppealOutcome.NOT_ADMITTED)), False),
    "paid, admitted": ((*PAID, APPEAL, result(AppealOutcome.ADMITTED)), True),
    "paid, changed upwards": ((*PAID, APPEAL, MORE), True),
    "paid, changed upwards, paid": ((*PAID, APPEAL, MORE, pay()), False),
    "paid, changed downwards": ((*PAID, APPEAL, LESS), False),
    "annulled": ((*PAID, APPEAL, result(ANNULLED)), True),
    "annulled, decided the same": ((*PAID, APPEAL, result(ANNULLED), ANEW, decide()), False),
    "reversed": ((*PAID, REVERSE), True),
    "reversed and paid again": ((*PAID, REVERSE, pay()), False),
}


def ended(name: str) -> Town:
    town = assessed()
    for command in ENDINGS[name][0]:
        town.do(command)
    return town


def walks(number: int = 150, steps: int = 40) -> Iterator[Iterator[Town]]:
    """Towns in which anything is asked at random; each is seen after every step that was accepted."""
    return (_walk(Random(seed), steps) for seed in range(number))


def _walk(chance: Random, steps: int) -> Iterator[Town]:
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9), (19, 10.5)))
    town.do(claim(receipts=money("86.5")))
    yield town
    for step in range(steps):
        command = replace(chance.choice(ASKED)(chance), now=NOW + timedelta(days=step * chance.choice((0, 1, 3))))
        try:
            town.do(command)
        except DomainError:
            continue
        yield town


def _some(chance: Random) -> str:
    return chance.choice(("0", "60", "206.5", "326.5", "446.5"))


def _corrected(chance: Random) -> RecordEntitlement:
    """What was done is corrected; a revision that is not newer changes nothing."""
    days = minutes("V-A", (18, chance.choice((1, 3, 9))), (19, chance.choice((3, 10.5))))
    said: dict[str, Any] = {"incident": "INC-1", "force": False, "payer": "150722"}
    return RecordEntitlement(by=SYS, now=NOW, claimant="V-A", call_up="CU-1", days=days, revision=chance.randint(2, 9), **said)


ASKED: tuple[Callable[[Random], Any], ...] = (
    lambda chance: assess(),
    lambda chance: ANEW,
    lambda chance: decide(),
    lambda chance: decide(manner=Manner.PAPER),
    lambda chance: decide(amount=money(_some(chance)), reason="so"),
    lambda chance: agreed(_some(chance)),
    lambda chance: serve(by=OFF, manner=Manner.PAPER, proof="receipt"),
    lambda chance: pay(),
    lambda chance: pay(),
    lambda chance: replace(REVERSE, amount=money(_some(chance))),
    lambda chance: APPEAL,
    lambda chance: RecordAppealResult(
        by=GOV, outcome=(one := chance.choice(list(AppealOutcome))), document=DIGEST, **A, **_named(one, chance)
    ),
    lambda chance: RecordAppealResult(
        by=GOV, outcome=(one := chance.choice(list(AppealOutcome))), document=DIGEST, **A, **_named(one, chance)
    ),
    lambda chance: TERM_OVER,
    lambda chance: AddEvidence(by=VA, receipts=money(_some(chance)), **A),
    lambda chance: WithdrawClaim(by=VA, **A) if chance.random() < 0.1 else decide(),
    _corrected,
    _corrected,
    lambda chance: DoubtClaim(by=SYS, ground=Ground.HOURS, **A),
    lambda chance: ReconsiderClaim(by=APP, cosigner=GOV, outcome=chance.choice(list(Outcome)), reason="so", **A),
)


def _named(outcome: AppealOutcome, chance: Random) -> dict[str, Any]:
    return {"amount": money(_some(chance))} if outcome is CHANGED else {}
