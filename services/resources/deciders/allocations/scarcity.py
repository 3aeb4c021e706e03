"""Who gets how much when there is not enough for all. Pure whole-number arithmetic: the same inputs give the same shares everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.resources.events.allocation import Claim
from services.resources.events.request import Priority
from shared.kernel.decider import Rules

RULE = "supply.scarcity"


def named(rules: Rules) -> str:
    """The rule and its version, as an allocation records it."""
    return f"{RULE}@{rules.value(RULE)['version']}"


def shares(available: int, claims: Sequence[Claim], order: Sequence[str]) -> dict[str, int]:
    """How much each request gets, version 1: class by class in `order`; within a class by the number of people, nobody above the own need,
    what is left over going round again; single units that remain to the largest remainder, then to the earliest need."""
    given = {claim.request: 0 for claim in claims}
    for priority in _classes(order):
        group = [claim for claim in claims if claim.priority.value == priority and claim.need > 0]
        for request, qty in _within(available, group).items():
            given[request] = qty
            available -= qty
    return given


def share_of(request: str, available: int, claims: Sequence[Claim], rules: Rules) -> int:
    """What the rule in force gives one request."""
    return standing(request, claims, rules).share(available)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one request stands among all that want the same: what goes before it, and who shares with it. Weighs any quantity at once."""

    claim: Claim
    first: int  # what more urgent classes need
    group: tuple[Claim, ...]  # its own class, itself too
    needed: int  # by all of the group

    def share(self, available: int) -> int:
        """What of so much is this request's: the same as `shares` says."""
        left = max(0, available - self.first)
        return self.claim.need if self.needed <= left else _within(left, self.group).get(self.claim.request, 0)


def standing(request: str, claims: Sequence[Claim], rules: Rules) -> Standing:
    """How it stands by the rule in force."""
    value: Any = rules.value(RULE)
    own = next(claim for claim in claims if claim.request == request)
    classes = _classes(value["order"])
    before = classes[: classes.index(own.priority.value)]
    group = tuple(claim for claim in claims if claim.priority == own.priority and claim.need > 0)
    first = sum(claim.need for claim in claims if claim.priority.value in before)
    return Standing(own, first, group, sum(claim.need for claim in group))


def _classes(order: Sequence[str]) -> list[str]:
    """In the order of the rule; what it does not name comes last."""
    return list(dict.fromkeys((*order, *(one.value for one in Priority))))


def _within(available: int, group: Sequence[Claim]) -> dict[str, int]:
    """Of one class: whoever needs no more than the share by people has it, and the others share what is left."""
    given: dict[str, int] = {}
    open_ = list(group)
    while open_:
        heads = sum(_heads(claim) for claim in open_)
        modest = [claim for claim in open_ if claim.need * heads <= available * _heads(claim)]
        if not modest:
            return given | _by_people(available, open_)
        for claim in modest:
            given[claim.request] = claim.need
            available -= claim.need
        open_ = [claim for claim in open_ if claim.request not in given]
    return given


def _by_people(available: int, group: Sequence[Claim]) -> dict[str, int]:
    heads = sum(_heads(claim) for claim in group)
    given = {claim.request: available * _heads(claim) // heads for claim in group}
    first = sorted(group, key=lambda claim: (-(available * _heads(claim) % heads), claim.needed_by, claim.request))
    for claim in first[: available - sum(given.values())]:
        given[claim.request] += 1
    return given


def _heads(claim: Claim) -> int:
    return max(claim.people, 1)
