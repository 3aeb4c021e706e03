"""A request is submitted, looked at by somebody who knows the place, and put before or after others (domain 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.deciders.incident import not_open
from services.resources.deciders.masters.item import counted
from services.resources.deciders.masters.store import not_of_line, store_of
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.flow import FLOW
from services.resources.deciders.requests.state import Request, request_of
from services.resources.deciders.requests.triage import far_above
from services.resources.deciders.streams import item_stream, request_stream, store_stream
from services.resources.events import request as r
from services.resources.events.masters import RequestAwaits
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

TRIAGE = "Q-TRIAGE"
PEOPLE = 10_000_000  # in one request or distribution (own default): beyond any division the node serves at once
TEXT = 2_000  # characters of a reason or a name (own default)


def submitted(command: c.SubmitRequest, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Complete, for an open incident unless the goods are placed ahead of need. Far more than the norm per person is taken and marked."""
    own = request_stream(command.request)
    FLOW.require(states[own].status, command)
    strange = []
    if command.to_store:
        target = store_of(command.to_store, states)
        strange = not_of_line(target, places(command), command.near) if command.line else []
    instead = ", or order goods to be placed ahead of need (ahead)"
    placed = [] if command.ahead and not command.incident else not_open(command.incident, states, instead)
    refuse_all(RuleBroken, [*_missing(command), *placed, *strange, *_uncounted(command, states)])
    items = dict(command.items or {})
    triage = far_above(items, command.people or 0, command.now.month, places(command), states, rules)
    fact = r.SupplyRequested(
        request=command.request,
        incident=command.incident,
        division=command.place,
        line=command.line,
        receiver=command.receiver,
        to_store=command.to_store,
        people=command.people or 0,
        needed_by=command.needed_by or command.now,
        items=items,
        priority=command.priority,
        ahead=command.ahead or "",
        triage=triage,
        by=command.by.actor,
        at=command.now,
    )
    facts: list[tuple[str, object]] = [(own, fact)]
    if command.to_store:
        facts.append((store_stream(command.to_store), RequestAwaits(command.to_store, command.request, command.now)))
    return Decided(facts, flags=(TRIAGE,) if triage else ())


def assessed(command: c.AssessRequest, states: Mapping[str, Any]) -> list[tuple[str, object]]:
    """Vulnerable groups are named; a line is raised only with a reason, and only above what was asked."""
    request = request_of(command.request, states)
    FLOW.require(request.status, command)
    raised = dict(command.raised or {})
    faults = unknown_lines(request, raised)
    if raised and not command.reason:
        faults.append(Failure("supply.reason", "say why more is needed than was asked", "reason"))
    for item in raised.keys() & request.lines.keys():
        if raised[item] <= request.lines[item].asked:
            asked = request.lines[item].asked
            faults.append(Failure("supply.raise", f"{item}: {asked} are asked already; for less, cut the request", "raised"))
    refuse_all(RuleBroken, faults)
    vulnerable = dict(command.vulnerable or {})
    fact = r.NeedAssessed(command.request, vulnerable, raised, command.reason or "", command.by.actor, command.now)
    return [(request_stream(command.request), fact)]


def reordered(command: c.ChangePriority, states: Mapping[str, Any]) -> list[tuple[str, object]]:
    """With a reason, since somebody else goes behind; the same class again changes nothing."""
    request = request_of(command.request, states)
    FLOW.require(request.status, command)
    if not command.reason:
        raise RuleBroken(Failure("supply.reason", "say why it goes before others, or after them", "reason"))
    if command.priority == request.priority:
        return []
    fact = r.PriorityChanged(command.request, command.priority, command.reason, command.by.actor, command.now)
    return [(request_stream(command.request), fact)]


def places(command: c.SubmitRequest) -> tuple[str, ...]:
    """The place and the divisions above that may have set a norm, nearest first."""
    return tuple(dict.fromkeys((*((command.place,) if command.place else ()), *command.line)))


def unknown_lines(request: Request, items: Mapping[str, int], field: str = "items") -> list[Failure]:
    """The faults of naming what was not asked, or less than nothing."""
    strange = [Failure("supply.line", f"{item} is no line of {request.request}", field) for item in items if item not in request.lines]
    return strange + [Failure("stock.quantity", f"{item}: nothing or more, not {qty}", field) for item, qty in items.items() if qty < 0]


def _missing(command: c.SubmitRequest) -> list[Failure]:
    """What a request must name (domain 3.9): all at once."""
    faults = []
    for name, said in (
        ("place", "the division where the goods are needed"),
        ("receiver", "the post that takes them in"),
        ("people", "for how many people"),
        ("needed_by", "by when"),
        ("items", "what, and how much of each"),
    ):
        if not getattr(command, name):
            faults.append(Failure("supply.complete", f"name {said}", name))
    if command.place and not command.line:
        faults.append(Failure("supply.place", f"{command.place} is no division that is known: name one of the tree", "place"))
    if command.people is not None and not 0 <= command.people <= PEOPLE:
        faults.append(Failure("supply.complete", f"people is a whole number, 1 to {PEOPLE}", "people"))
    if command.ahead and len(command.ahead) > TEXT:
        faults.append(Failure("limit.text", f"say it in {TEXT} characters at most; a longer paper is sent as a blob", "ahead"))
    if command.needed_by is not None and command.needed_by <= command.now:
        faults.append(Failure("supply.needed_by", f"{command.needed_by} has passed: name a time to come", "needed_by"))
    return faults


def _uncounted(command: c.SubmitRequest, states: Mapping[str, Any]) -> list[Failure]:
    """What is not in the catalogue, or not any more: what is left of that is used up, not asked for."""
    items = command.items or {}
    gone = [item for item in items if getattr(states.get(item_stream(item)), "retired", False)]
    faults = [Failure("item.state", f"{item} is not in the catalogue any more: ask for what stands in for it", "items") for item in gone]
    return faults + [fault for item, qty in items.items() for fault in counted(qty, None, item, states, "items")[1]]
