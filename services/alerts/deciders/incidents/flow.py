"""The states of an incident (domain 3.2): which command fits which, and what follows."""

from __future__ import annotations

from services.alerts.deciders.incidents.commands import (
    ClassifyIncident,
    CloseIncident,
    DeclareControlled,
    DesignateLead,
    DismissIncident,
    DissolveSiteHQ,
    ExtendIncident,
    HandOverSiteCommand,
    LinkSecondary,
    MergeIncidents,
    RegisterIncident,
    RegisterNote,
    RegradeIncident,
    ReopenIncident,
    SetUpSiteHQ,
    StartAfterCare,
    TransferLead,
    VerifyIncident,
)
from services.alerts.deciders.incidents.state import (
    AFTER_CARE,
    CLOSED,
    CONTROLLED,
    DISMISSED,
    MERGED,
    NEW,
    OPEN,
    RESPONDING,
    SUSPECTED,
    VERIFIED,
    Incident,
)
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, WrongState

RULE = "incident.life"
_FOUND_TRUE = (VERIFIED, RESPONDING, CONTROLLED, AFTER_CARE)
_BEFORE_IT_WAS_FOUND = (RESPONDING, CONTROLLED)  # who responds before any damage is done may find out later
_ON_SITE = (SUSPECTED, VERIFIED, RESPONDING, CONTROLLED)  # people may be there before anybody verified
_CHANGE_NO_STATE: tuple[tuple[type[Command], tuple[str, ...]], ...] = (
    (RegradeIncident, OPEN),
    (RegisterNote, OPEN),
    (ExtendIncident, OPEN),
    (DesignateLead, OPEN),
    (TransferLead, OPEN),
    (LinkSecondary, OPEN),
    (ClassifyIncident, _FOUND_TRUE),
    (SetUpSiteHQ, _ON_SITE),
    (HandOverSiteCommand, OPEN),
    (DissolveSiteHQ, OPEN),
)

INCIDENT_FLOW = Flow(
    RULE,
    {
        (NEW, RegisterIncident): SUSPECTED,
        (SUSPECTED, VerifyIncident): VERIFIED,
        (SUSPECTED, DismissIncident): DISMISSED,
        **{(status, VerifyIncident): status for status in _BEFORE_IT_WAS_FOUND},
        **{(status, DismissIncident): DISMISSED for status in (VERIFIED, *_BEFORE_IT_WAS_FOUND)},
        (VERIFIED, DeclareControlled): CONTROLLED,
        (RESPONDING, DeclareControlled): CONTROLLED,
        (CONTROLLED, StartAfterCare): AFTER_CARE,
        **{(status, ReopenIncident): RESPONDING for status in (CONTROLLED, AFTER_CARE, CLOSED)},
        (DISMISSED, ReopenIncident): SUSPECTED,
        **{(status, CloseIncident): CLOSED for status in OPEN},
        **{(status, MergeIncidents): MERGED for status in OPEN},
        **{(status, command): status for command, fits in _CHANGE_NO_STATE for status in fits},
    },
)


def require(incident: Incident, command: Command) -> str:
    """As `Flow.require`; who acts on what was merged is told where it went."""
    if incident.status == MERGED:
        raise WrongState(Failure(RULE, f"{incident.incident} was merged into {incident.merged_into}: act on that", "incident"))
    return INCIDENT_FLOW.require(incident.status, command)
