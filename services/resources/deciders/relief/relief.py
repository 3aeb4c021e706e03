"""A claim for relief through its life (domain 3.14): who may, in which order, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.deciders.clock import escalate
from services.resources.deciders.relief import commands as c
from services.resources.deciders.relief.deciding import decide as decided
from services.resources.deciders.relief.deciding import named
from services.resources.deciders.relief.household import lives_in
from services.resources.deciders.relief.paying import disclosure_of, guards, pay
from services.resources.deciders.relief.state import Claim, about, evolve
from services.resources.deciders.relief.steps import applying, ask, step
from services.resources.deciders.streams import disclosure_stream, household_stream, relief_stream, relief_tariff_stream
from services.resources.events.relief import PaidOnce
from shared.kernel.decider import About, Decided, Decider, Handles, Rules


def decide(command: Any, state: Any, rules: Rules) -> Decided | Sequence[Any]:
    """Facts that follow from a command, or a refusal; joint ones get the states by stream."""
    match command:
        case c.ApplyRelief() | c.NominateRelief():
            return ask(command, state, rules)
        case c.DecideRelief() | c.DenyRelief() | c.ServeRelief():
            return decided(command, state, rules)
        case c.EscalateReliefClock():
            return escalate(command, state.clocks)
        case c.RecordAppraisal() | c.PostList() | c.FileObjection() | c.ResolveObjection() | c.ReviewAtTownship() | c.ReturnApplication():
            return step(command, state, rules)
        case _:
            return pay(command, state, rules)


def _own(command: Any) -> tuple[str, ...]:
    return (relief_stream(command.relief),)


def _asking(command: Any) -> tuple[str, ...]:
    return (*_own(command), household_stream(command.household), *applying(command))


def _urgent(command: c.PayUrgentRelief) -> tuple[str, ...]:
    tariff = (relief_tariff_stream(command.by.division, command.kind),) if command.by.division and command.kind else ()
    return (*_asking(command), *tariff)


def _lives(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    return lives_in(command, states)


RELIEF = Decider(
    category="relief",
    initial=Claim(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.ApplyRelief: Handles(_asking, creates=True, state_areas=_lives),
        c.NominateRelief: Handles(_asking, creates=True, state_areas=_lives),
        c.RecordAppraisal: Handles(_own),
        c.PostList: Handles(_own),
        c.FileObjection: Handles(_own),
        c.ResolveObjection: Handles(_own),
        c.ReviewAtTownship: Handles(_own),
        c.ReturnApplication: Handles(_own),
        c.DecideRelief: Handles(_own, further=named),
        c.DenyRelief: Handles(_own),
        c.ServeRelief: Handles(_own),
        c.PayRelief: Handles(_own, further=guards),
        c.PayUrgentRelief: Handles(_urgent, creates=True, state_areas=_lives),
        c.PaperRelief: Handles(_own),
        c.DiscloseUse: Handles(lambda command: (*_own(command), disclosure_stream(disclosure_of(command.relief)))),
        c.RecoverRelief: Handles(_own),
        c.RecordRecovery: Handles(_own),
        c.EscalateReliefClock: Handles(_own),
    },
    joint=frozenset(
        {
            c.ApplyRelief,
            c.NominateRelief,
            c.DecideRelief,
            c.DenyRelief,
            c.ServeRelief,
            c.PayRelief,
            c.PayUrgentRelief,
            c.PaperRelief,
            c.DiscloseUse,
            c.RecoverRelief,
            c.RecordRecovery,
        }
    ),
)


@dataclass(frozen=True, slots=True)
class Once:
    """Whether a household was paid for a kind and incident. `relief` None: not yet."""

    relief: str | None = None
    division: str | None = None


ONCE = Decider[Once](
    category="once",
    initial=Once(),
    decide=lambda command, state, rules: [],
    evolve=lambda state, event: _noted(event),
    about=lambda state: About(state.division, "restricted"),
    handles={},
)


def _noted(event: PaidOnce) -> Once:
    return Once(event.relief, event.division)
