"""Joint streams that let one key have one holder: what two commands want at once, one of them is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, assert_never

from services.alerts.events.guard import Guarded, GuardEvent, GuardFreed, GuardMoved, GuardTaken
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, WrongState, refuse_all


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
    into: str | None = None  # who took the keys over
    restricted: bool = False

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
    return [GuardFreed(command.kind, command.subject, command.holder, command.now, guard.into)] if held else []


def take_over(incident: str, into: str, now: datetime, states: Mapping[str, Any]) -> list[tuple[str, GuardTaken | GuardMoved]]:
    """The facts that the open responses of a merged incident are those of the other. WrongState while both have one under the same key."""
    here, there = guard_of(states, responses_guard(incident)), guard_of(states, responses_guard(into))
    both = [f"{holder} and {there.holders[key]}" for key, holder in here.holders.items() if key in there.holders and incident != into]
    refuse_all(
        WrongState, [Failure("RA-04", f"{each} are open under one plan and authority: end one of them first", "into") for each in both]
    )
    facts: list[tuple[str, GuardTaken | GuardMoved]] = []
    secret = here.restricted or there.restricted
    for key, holder in here.holders.items():
        of = (there.division or here.division, now, into, key.partition("/")[0], secret)
        taken = GuardTaken(Guarded.RESPONSES, into, key, holder, *of)
        facts.append((responses_guard(into), taken))
    return [*facts, (responses_guard(incident), GuardMoved(Guarded.RESPONSES, incident, into, now))] if facts else []


def evolve(guard: Guard, event: GuardEvent) -> Guard:
    """The guard after the event; it belongs where it was first taken."""
    match event:
        case GuardTaken():
            plans = dict.fromkeys((*guard.plans, *((event.plan,) if event.plan else ())))
            return Guard(
                {**_without(guard, event.holder), event.key: event.holder},
                tuple(plans),
                guard.division or event.division,
                guard.incident or event.incident,
                guard.into,
                guard.restricted or event.restricted,
            )
        case GuardFreed(holder=holder):
            return replace(guard, holders=_without(guard, holder))
        case GuardMoved(into=into):
            return replace(guard, into=into)
        case _:
            assert_never(event)


def _without(guard: Guard, holder: str) -> dict[str, str]:
    """A holder has one key: taking another it lets go of the former."""
    return {key: held for key, held in guard.holders.items() if held != holder}


def about(guard: Guard) -> About:
    """Internal to the organs of the own chain, or restricted as its incident."""
    return About(guard.division, "restricted" if guard.restricted else "internal", guard.incident)


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
