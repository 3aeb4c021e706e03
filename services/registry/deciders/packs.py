"""Which rule pack a division adopted. The edge has looked up that this node has the pack, and its digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.events.packs import PackEvent, RulePackAdopted
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

RULE = "registry.rulepack"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRulePack(Command):
    """Judge by this pack from a moment on, now or later: what was decided stays as it was judged."""

    division: str
    pack: str
    digest: str | None = None
    starts: datetime | None = None  # now
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """Every adoption of one division, in the order they begin."""

    adoptions: tuple[RulePackAdopted, ...] = ()


def decide(command: AdoptRulePack, adopted: Adopted, rules: Rules) -> Sequence[PackEvent]:
    """One more adoption, unless it is the one that holds anyway."""
    if command.starts is not None and command.starts.tzinfo is None:
        raise RuleBroken(Failure("time.offset", "starts needs an offset, as in +08:00", "starts"))
    last = adopted.adoptions[-1] if adopted.adoptions else None
    starts = command.starts or command.now
    if last is not None and (last.pack, last.digest) == (command.pack, command.digest) and command.starts in (None, last.starts):
        return []
    wrong = []
    if starts < command.now:
        wrong.append(Failure(RULE, "a pack is adopted from now on or later, never backwards", "starts"))
    if last is not None and starts <= last.starts:
        wrong.append(Failure(RULE, f"{last.pack} begins on {last.starts.isoformat()}; begin after it", "starts"))
    refuse_all(RuleBroken, wrong)
    return [RulePackAdopted(command.division, command.pack, command.digest, starts, command.reason, command.now)]


def evolve(adopted: Adopted, event: PackEvent) -> Adopted:
    """Adoptions only follow each other."""
    return Adopted((*adopted.adoptions, event))


def _about(adopted: Adopted) -> About:
    return About(division=adopted.adoptions[-1].division if adopted.adoptions else None, visibility="public")


PACK = Decider(
    category="pack",
    initial=Adopted(),
    decide=decide,
    evolve=evolve,
    about=_about,
    handles={
        AdoptRulePack: Handles(
            streams=lambda command: (f"pack-{command.division}",),
            areas=lambda command: (command.division,),
            creates=True,
        )
    },
)
