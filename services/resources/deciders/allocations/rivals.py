"""Who else asked an authority for the same goods, and what a request may then have of each of its stores."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from services.resources.deciders.allocations.making import claim
from services.resources.deciders.allocations.proposal import Near, Share
from services.resources.deciders.allocations.scarcity import Standing, standing
from services.resources.deciders.requests.flow import FILLABLE
from services.resources.deciders.requests.state import Request
from services.resources.events.allocation import Claim
from services.resources.events.request import Priority
from shared.kernel.decider import Rules

RIVALS = 50  # weighed in one decision, the most urgent first: each is written into it
_CLASSES = {priority: n for n, priority in enumerate(Priority)}


def rivals(request: Request, others: Iterable[Request], owner: str | None) -> list[Request]:
    """Those that asked this authority for something the request still needs, the most urgent first: whom its decision weighs."""
    return _by_owner(request, (one for one in others if owner in one.asked_of)).get(owner, [])[:RIVALS]


def sharing(request: Request, others: Iterable[Request], rules: Rules) -> Share:
    """What the decision of a store's owner finds right to give of what the store has. What a rival needs is worked out once."""
    asked, wanted = _by_owner(request, others), _wanted(request)
    claims: dict[str, dict[str, Claim]] = {}

    @cache
    def among(owner: str) -> dict[str, list[Claim]]:
        """By item, those who want it too."""
        found: dict[str, list[Claim]] = {}
        for one in asked.get(owner, ())[:RIVALS]:
            known = claims.get(one.request)
            if known is None:
                known = claims[one.request] = {item: made for item in wanted if item in one.lines and (made := claim(one, item)).need}
            for item, made in known.items():
                found.setdefault(item, []).append(made)
        return found

    @cache
    def stands(owner: str, item: str) -> Standing | None:
        rivals = among(owner).get(item)
        return standing(request.request, [claim(request, item), *rivals], rules) if rivals else None

    def share(near: Near, item: str, there: int) -> int:
        found = stands(near.owner, item)
        return there if found is None else found.share(there)

    return share


def _by_owner(request: Request, others: Iterable[Request]) -> dict[str | None, list[Request]]:
    """All that want something the request still needs, by the authorities they asked, the most urgent first."""
    wanted = _wanted(request)
    found: dict[str | None, list[Request]] = {}
    for one in sorted(others, key=lambda one: (_CLASSES[one.priority], one.needed_by, one.request)):
        if one.request != request.request and one.status in FILLABLE and any(_needs(one, item) for item in wanted):
            for owner in dict.fromkeys(one.asked_of):
                found.setdefault(owner, []).append(one)
    return found


def _wanted(request: Request) -> list[str]:
    return [item for item, qty in request.remaining.items() if qty]


def _needs(request: Request, item: str) -> bool:
    line = request.lines.get(item)
    return line is not None and line.remaining > 0
