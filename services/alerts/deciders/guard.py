"""Joint streams that let one key have one holder: what two commands want at once, one of them is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, assert_never

from services.alerts.events.guard import Guarded, GuardEvent, GuardFreed, GuardTaken
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeGuard(Command):
    """The holder no longer needs its key. Only policies send it."""

    kind: Guarded
    subject: str
    holder: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Who holds which key of one subject; `plans` are all that ever were held for it."""

    holders: Mapping[str, str] = field(default_factory=dict)  # key -> holder
    plans: tuple[str, ...] = ()
    division: str | None = None
    incident: str | None = None

    def holder(self, key: str) -> str | None:
        return self.holders.get(key)


def responses_guard(incident: str) -> str:
    """Which responses of an incident are open, by plan and authority."""
    return f"guard-{Guarded.RESPONSES}.{incident}"


def plan_guard(owner: str, type: str, hazard: str) -> str:
    """Which plan an owner has for a type and hazard. Hashed: an outside authority's name may hold any character."""
    return f"guard-{Guarded.PLAN}.{plan_key(owner, type, hazard)}"


def plan_key(owner: str, type: str, hazard: str) -> str:
    """The subject of a plan's guard."""
    return sha256("\0".join((owner, type, hazard)).encode()).hexdigest()[:32]


def decide(command: FreeGuard, guard: Guard, rules: Rules) -> Sequence[GuardFreed]:
    """Twice changes nothing."""
    held = command.holder in guard.holders.values()
    return [GuardFreed(command.kind, command.subject, command.holder, command.now)] if held else []


def evolve(guard: Guard, event: GuardEvent) -> Guard:
    """The guard after the event; it belongs where it was first taken."""
    match event:
        case GuardTaken():
            plans = dict.fromkeys((*guard.plans, *((event.plan,) if event.plan else ())))
            return Guard(
                {**guard.holders, event.key: event.holder},
                tuple(plans),
                guard.division or event.division,
                guard.incident or event.incident,
            )
        case GuardFreed(holder=holder):
            kept = {key: held for key, held in guard.holders.items() if held != holder}
            return Guard(kept, guard.plans, guard.division, guard.incident)
        case _:
            assert_never(event)


def about(guard: Guard) -> About:
    """Internal to the organs of the own chain."""
    return About(guard.division, "internal", guard.incident)


def guard_of(states: Mapping[str, Any], stream: str) -> Guard:
    """The guard among the states of a joint command."""
    found = states.get(stream)
    return found if isinstance(found, Guard) else Guard()


GUARD = Decider(
    category="guard",
    initial=Guard(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={FreeGuard: Handles(lambda c: (f"guard-{c.kind}.{c.subject}",))},
)
