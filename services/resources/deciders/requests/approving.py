"""How much of a request is granted, by whom, and by word of mouth when there is no time (domain 3.9, SU-05, K-24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.asking import unknown_lines
from services.resources.deciders.requests.flow import FLOW, require_held, require_within
from services.resources.deciders.requests.state import Request, request_of
from services.resources.deciders.streams import request_stream
from services.resources.events import request as r
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

K24 = "K-24"
LATE = "A-LATE"
Facts = list[tuple[str, object]]


def approved(command: c.ApproveRequest, states: Mapping[str, Any], rules: Rules) -> Facts:
    """So much of each line as is named, the rest as asked or raised. Never more than that; less with a reason."""
    request = _decidable(command, states)
    _may_decide(command, request, rules)
    items = {item: max(line.asked, line.raised) for item, line in request.lines.items()} | dict(command.items or {})
    faults = unknown_lines(request, items)
    for item, line in request.lines.items():
        most = max(line.asked, line.raised)
        if items[item] > most:
            faults.append(Failure("supply.approved", f"{item}: {most} at most; more only where the assessor raises it", "items"))
        if items[item] < min(line.allocated, most):  # more was promised with a reason: a substitute, what was lost
            faults.append(Failure("supply.approved", f"{item}: {line.allocated} are promised already; cancel an allocation first", "items"))
    if any(items[item] < line.asked for item, line in request.lines.items()) and not command.reason:
        faults.append(Failure("supply.reason", "say why less is approved than was asked", "reason"))
    faults += _unexplained(command, request, items)
    refuse_all(RuleBroken, faults)
    level = command.by.level or 0
    fact = r.SupplyApproved(command.request, items, command.reason or "", level, command.by.actor, command.now)
    return [(request_stream(command.request), fact)]


def cut(command: c.CutRequest, states: Mapping[str, Any], rules: Rules) -> Facts:
    """Less of the named lines, never less than is promised already, and always with the reason."""
    request = _decidable(command, states)
    require_within(request, command, rules)  # what is left of it is granted by this
    items = dict(command.items or {})
    faults = unknown_lines(request, items)
    if not items:
        faults.append(Failure("supply.complete", "name the lines to cut", "items"))
    if not command.reason:
        faults.append(Failure("supply.reason", "say why", "reason"))
    for item in items.keys() & request.lines.keys():
        line = request.lines[item]
        if items[item] >= line.wanted:
            faults.append(Failure("supply.cut", f"{item}: {line.wanted} are granted; a cut is less", "items"))
        elif items[item] < line.allocated:
            faults.append(Failure("supply.cut", f"{item}: {line.allocated} are promised already; cancel an allocation first", "items"))
    refuse_all(RuleBroken, faults)
    return [(request_stream(command.request), r.SupplyCut(command.request, items, command.reason or "", command.by.actor, command.now))]


def orally(command: c.ApproveOrally, states: Mapping[str, Any], rules: Rules) -> Facts:
    """What is wanted is granted by word of mouth; how it was said is written, and the paper is due."""
    request = _decidable(command, states)
    if request.orally:
        raise WrongState(Failure("request.state", f"{request.request} was approved by word of mouth already: put it on paper", "request"))
    _may_decide(command, request, rules)
    items = {item: line.wanted for item, line in request.lines.items()}
    silent = [] if command.channel else [Failure("SU-05", "say in `channel` how it was approved: the duty phone, a meeting", "channel")]
    refuse_all(RuleBroken, [*silent, *_unexplained(command, request, items)])
    assert command.channel
    due = deadline(rules, K24, command.now)
    level = command.by.level or 0
    said = level, command.by.actor, command.now, (due,), command.reason or ""
    fact = r.SupplyOrallyApproved(command.request, items, command.channel, *said)
    return [(request_stream(command.request), fact)]


def papered(command: c.PaperApproval, states: Mapping[str, Any]) -> Decided:
    """The paper of what was said; late it counts too and is marked, and one without a number shows as such."""
    request = _decidable(command, states)
    if not request.orally:
        raise WrongState(Failure("request.state", f"nothing of {request.request} was approved by word of mouth", "request"))
    late = request.clocks.late(K24, command.now)
    seconds = int(late.total_seconds()) if late else 0
    document = (command.document or "").strip()
    fact = r.ApprovalPapered(command.request, document, seconds, command.by.actor, command.now, (K24,))
    return Decided([(request_stream(command.request), fact)], flags=(LATE,) if late else ())


def declined(command: c.DeclineRequest, states: Mapping[str, Any]) -> Facts:
    """Nothing of it, with the reason; not while goods are promised to it."""
    request = _decidable(command, states)
    if request.allocations:
        held = ", ".join(request.allocations)
        raise WrongState(Failure("request.state", f"goods are promised by {held}: cancel them, or close the request", "request"))
    if not command.reason:
        raise RuleBroken(Failure("supply.reason", "say why nothing is granted", "reason"))
    return [(request_stream(command.request), r.SupplyDeclined(command.request, command.reason, command.by.actor, command.now))]


def _decidable(command: Any, states: Mapping[str, Any]) -> Request:
    """The request, with an authority that has it and in a status that fits."""
    request = request_of(command.request, states)
    require_held(request, command)
    FLOW.require(request.status, command)
    return request


def _unexplained(command: c.ApproveRequest | c.ApproveOrally, request: Request, items: Mapping[str, int]) -> list[Failure]:
    """The fault of granting without a word what was marked when it was asked (Q-TRIAGE)."""
    much = [f"{items[item]} of {item}" for item in request.triage if items.get(item)]
    if not much or command.reason:
        return []
    cure = f"{', '.join(much)} for {request.people} people is far above the norm: say why so much, or approve less and why"
    return [Failure("supply.triage", cure, "reason")]


def _may_decide(command: c.ApproveRequest | c.ApproveOrally, request: Request, rules: Rules) -> None:
    """Who asked does not approve; each level only requests for so many people."""
    if command.by.actor == request.submitted_by:
        raise NotAllowed(Failure("supply.second_person", "who asked does not approve: another person of the authority does", "by"))
    if command.by.actor in request.raised_by:
        raise NotAllowed(Failure("supply.second_person", "who raised it does not approve: another person of the authority does", "by"))
    require_within(request, command, rules)
