"""What a command finds around it: the incident it names, known and not over, and whether its response has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.alerts.deciders.incidents.closure import ACTIVATION, Closure
from services.alerts.deciders.incidents.state import AFTER_CARE, CLOSED, DISMISSED, MERGED, NEW, Incident
from services.alerts.deciders.responses.state import DECLINED, ENDED_OUTSIDE, TERMINATED, Response
from services.alerts.deciders.streams import closure_stream, incident_stream, response_stream
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed, NotFound, WrongState

OVER = frozenset({CLOSED, DISMISSED, MERGED})
NO_MORE = OVER - {CLOSED}  # never happened, or another by now; for one that is closed work goes on while people are out of their homes
ENDED = frozenset({DECLINED, TERMINATED, ENDED_OUTSIDE})


def surroundings(own: str, incident: str | None, *others: str) -> tuple[str, ...]:
    """The streams of a command: its own, that of the incident it names, and further ones it reads."""
    return tuple(dict.fromkeys((own, *((incident_stream(incident),) if incident else ()), *others)))


def open_incident(incident: str | None, states: Mapping[str, Any], over: frozenset[str] = OVER) -> Incident | None:
    """The incident named; None when none is. Refused when it is unknown or over."""
    if incident is None:
        return None
    found: Incident = states[incident_stream(incident)]
    if found.status == NEW:
        raise NotFound(Failure("reference", f"incident {incident} is unknown: check the id", "incident"))
    if found.status in over:
        raise WrongState(Failure("incident.life", f"{incident} is {found.status}: reopen it, or name the one it went into", "incident"))
    return found


def require_response(activation: str | None, incident: str | None, states: Mapping[str, Any]) -> None:
    """Powers end with the response (ERL art. 86): refused after the one named, or after the last of the incident. Before the first,
    the first measures are taken at once and need none (ERL art. 17)."""
    if activation is not None:
        response: Response = states[response_stream(activation)]
        if response.status == NEW:
            raise NotFound(Failure("reference", f"response {activation} is unknown: check the id", "activation"))
        if response.status in ENDED:
            raise WrongState(Failure("ERL-86", f"{activation} has ended: activate a response first", "activation"))
    if incident is not None:
        closure: Closure = states[closure_stream(incident)]
        begun = any(item.kind == ACTIVATION for item in closure.items.items.values())
        known: Incident = states[incident_stream(incident)]
        if known.status == AFTER_CARE or (begun and not closure.open(ACTIVATION)):
            raise WrongState(Failure("ERL-86", f"the response to {incident} has ended: activate a response first", "incident"))


def went_into(incident: str, states: Mapping[str, Any]) -> str:
    """The incident itself, or the one it was merged into, as far as the states tell."""
    while (known := states.get(incident_stream(incident))) is not None and known.merged_into is not None:
        incident = known.merged_into
    return incident


def of_the_site(by: Signature, incident: Incident | None) -> list[Failure]:
    """Who commands on the spot only, binds within the own incident (PSER art. 21): NotAllowed in another's, a fault when it names none."""
    if not by.has("ICP") or by.has("GOV", "HQ"):
        return []
    if incident is None:
        return [Failure("PSER-21", "a site command orders within its incident: name it", "incident")]
    site = incident.site
    if site is None or site.commander != by.actor:
        raise NotAllowed(Failure("PSER-21", f"orders on the spot are its commander's{f': {site.commander}' if site else ''}"))
    return []


def visibility_of(incident: Incident | None) -> str:
    """Who may see what is done for an incident: as the incident itself, and within the own chain at most."""
    return incident.visibility if incident and incident.visibility != "public" else "internal"
