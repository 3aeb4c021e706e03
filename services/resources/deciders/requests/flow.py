"""Which command fits a request in which status (domain 3.9), and who has it."""

from __future__ import annotations

from typing import Any

from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests.state import (
    APPROVED,
    ASSESSED,
    CANCELLED,
    CLOSED,
    DECLINED,
    NEW,
    PARTLY_APPROVED,
    SUBMITTED,
    Request,
)
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed

DECIDED = (APPROVED, PARTLY_APPROVED)
FILLABLE = (ASSESSED, *DECIDED)
OPEN = (SUBMITTED, *FILLABLE)
_FITS: tuple[tuple[type[Any], str, str], ...] = (
    (c.SubmitRequest, NEW, SUBMITTED),
    (c.AssessRequest, SUBMITTED, ASSESSED),
    *((c.AssessRequest, one, one) for one in FILLABLE),
    *((c.ApproveRequest, one, APPROVED) for one in (ASSESSED, PARTLY_APPROVED)),
    *((c.CutRequest, one, PARTLY_APPROVED) for one in FILLABLE),
    *((c.ApproveOrally, one, APPROVED) for one in OPEN),
    *((c.PaperApproval, one, one) for one in (*DECIDED, DECLINED, CANCELLED, CLOSED)),
    *((c.DeclineRequest, one, DECLINED) for one in (SUBMITTED, ASSESSED)),
    *((kind, one, one) for kind in (c.ForwardUp, c.AskNeighbour, c.RefuseNeighbourHelp) for one in FILLABLE),
    *((c.ChangePriority, one, one) for one in OPEN),
    *((c.CancelRequest, one, CANCELLED) for one in OPEN),
    *((c.CloseRequest, one, CLOSED) for one in FILLABLE),
)
FLOW = Flow("request.state", {(status, kind): after for kind, status, after in _FITS})


def require_held(request: Request, command: Command) -> str:
    """The division of who signs, when it has the request: the first authority of its line, and those it was forwarded to. NotAllowed."""
    own = command.by.division
    if own is None or own not in request.holders:
        cure = f"{request.request} is with {', '.join(request.holders) or 'nobody'}: it decides, or forwards it to you"
        raise NotAllowed(Failure("matrix.3.27", cure, "request"))
    return own


def require_within(request: Request, command: Command, rules: Rules) -> None:
    """Each level decides by itself only about requests for so many people. NotAllowed."""
    most = rules.value("supply.limit").get(f"level_{command.by.level}")
    if most is not None and request.people > most:
        cure = f"your level approves for {most} people, this is for {request.people}: forward it up"
        raise NotAllowed(Failure("supply.limit", cure, "request"))
