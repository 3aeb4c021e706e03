"""Requests for supplies: the decider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.resources.deciders.clock import escalate
from services.resources.deciders.requests import approving, asking, ending, handing
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.state import Request, about, evolve, request_of
from services.resources.deciders.streams import incident_stream, item_stream, norm_stream, request_stream, store_stream
from shared.kernel.decider import Decided, Decider, Handles, Rules

Asking = c.SubmitRequest | c.AssessRequest | c.ChangePriority
Approving = c.ApproveRequest | c.CutRequest | c.ApproveOrally | c.PaperApproval | c.DeclineRequest
Handing = c.ForwardUp | c.AskNeighbour | c.RefuseNeighbourHelp | c.NoteShortage
Ending = c.CancelRequest | c.CloseRequest


def decide(
    command: Asking | Approving | Handing | Ending | c.EscalateRequestClock, states: Mapping[str, Any], rules: Rules
) -> Sequence[Any] | Decided:
    """The facts, each with its stream."""
    match command:
        case c.SubmitRequest():
            return asking.submitted(command, states, rules)
        case c.AssessRequest():
            return asking.assessed(command, states)
        case c.ChangePriority():
            return asking.reordered(command, states)
        case c.ApproveRequest() | c.CutRequest() | c.ApproveOrally() | c.PaperApproval() | c.DeclineRequest():
            return _approved(command, states, rules)
        case c.ForwardUp():
            return handing.forwarded(command, states)
        case c.AskNeighbour():
            return handing.neighbour_asked(command, states)
        case c.RefuseNeighbourHelp():
            return handing.neighbour_refused(command, states)
        case c.NoteShortage():
            return handing.shortage(command, states)
        case c.CancelRequest():
            return ending.cancelled(command, states)
        case c.CloseRequest():
            return ending.closed(command, states)
        case c.EscalateRequestClock():
            missed = escalate(command, request_of(command.request, states).clocks)
            return [(request_stream(command.request), fact) for fact in missed]
        case _:
            assert_never(command)


def _approved(command: Approving, states: Mapping[str, Any], rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case c.ApproveRequest():
            return approving.approved(command, states, rules)
        case c.CutRequest():
            return approving.cut(command, states, rules)
        case c.ApproveOrally():
            return approving.orally(command, states, rules)
        case c.PaperApproval():
            return approving.papered(command, states)
        case c.DeclineRequest():
            return _over(command, states, approving.declined(command, states))
        case _:
            assert_never(command)


def _over(command: c.DeclineRequest, states: Mapping[str, Any], facts: list[tuple[str, object]]) -> list[tuple[str, object]]:
    return [*facts, *ending.over(request_of(command.request, states), command)]


def _own(command: Any) -> tuple[str, ...]:
    return (request_stream(command.request),)


def _submitting(command: c.SubmitRequest) -> tuple[str, ...]:
    incident = (incident_stream(command.incident),) if command.incident else ()
    store = (store_stream(command.to_store),) if command.to_store else ()
    items = tuple(command.items or ())
    norms = (norm_stream(place, item) for place in asking.places(command) for item in items)
    return (request_stream(command.request), *incident, *store, *(item_stream(item) for item in items), *norms)


def _handing(command: c.ForwardUp | c.AskNeighbour) -> tuple[str, ...]:
    return (request_stream(command.request), *(store_stream(store) for store in command.stores))


_OF_ONE = (
    c.AssessRequest,
    c.ChangePriority,
    c.ApproveRequest,
    c.CutRequest,
    c.ApproveOrally,
    c.PaperApproval,
    c.RefuseNeighbourHelp,
    c.NoteShortage,
    c.EscalateRequestClock,
)
REQUEST: Decider[Request] = Decider(
    category="request",
    initial=Request(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.SubmitRequest: Handles(_submitting, areas=lambda command: (command.place,) if command.place else (), creates=True, bulk=True),
        **{kind: Handles(_own) for kind in _OF_ONE},
        **{kind: Handles(_handing, further=handing.own_stocks, bulk=True) for kind in (c.ForwardUp, c.AskNeighbour)},
        **{kind: Handles(_own, further=ending.allocated, bulk=True) for kind in (c.CancelRequest, c.CloseRequest, c.DeclineRequest)},
    },
    joint=frozenset(
        (*_OF_ONE, c.SubmitRequest, c.ForwardUp, c.AskNeighbour, c.CancelRequest, c.CloseRequest, c.DeclineRequest),
    ),
)
