"""How streams of the alerts service are named."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256


def alert_stream(alert: str) -> str:
    """One of our own warnings."""
    return f"alert-{alert}"


@lru_cache(10_000)  # asked several times for each message, and again for each that refers to it
def cap_stream(identifier: str) -> str:
    """Every message under one CAP identifier; hashed, since an identifier may hold any character."""
    return f"cap-{sha256(identifier.encode()).hexdigest()[:32]}"


def checklist_stream(alert: str, checklist: str) -> str:
    """The duties of one article for one warning."""
    return f"checklist-{alert}.{checklist}"


def recipients_stream(name: str) -> str:
    """Who acknowledges, for an area or a hazard source."""
    return f"recipients-{name}"


def hazard_stream(hazard_source: str) -> str:
    """A hazard source."""
    return f"hazard-{hazard_source}"


def task_stream(task: str) -> str:
    """A piece of work."""
    return f"task-{task}"


def withdrawal_stream(withdrawal: str) -> str:
    """One withdrawal of teams from danger."""
    return f"withdrawal-{withdrawal}"


def order_stream(order: str) -> str:
    """An order of a government, its headquarters or a site command."""
    return f"order-{order}"


def military_stream(request: str) -> str:
    """A request for military assistance."""
    return f"military-{request}"


def flight_stream(flight: str) -> str:
    """A flight of a drone that was asked for."""
    return f"flight-{flight}"


def evacuation_stream(evacuation: str) -> str:
    """People moved out of danger."""
    return f"evacuation-{evacuation}"


def shelter_stream(shelter: str) -> str:
    """An emergency shelter."""
    return f"shelter-{shelter}"


def release_stream(release: str) -> str:
    """Something told to the public, with its versions."""
    return f"release-{release}"


def rumour_stream(rumour: str) -> str:
    """A rumour and what became of it."""
    return f"rumour-{rumour}"


def drill_stream(drill: str) -> str:
    """A drill, at the real node."""
    return f"drill-{drill}"


def plan_stream(plan: str) -> str:
    """A response plan, all its versions."""
    return f"plan-{plan}"


def response_stream(activation: str) -> str:
    """A response under a plan."""
    return f"response-{activation}"


def report_stream(report: str) -> str:
    """A report of what happened, over its hops."""
    return f"report-{report}"


def triage_stream(triage: str) -> str:
    """What waits for a person before it counts."""
    return f"triage-{triage}"


def figures_stream(incident: str) -> str:
    """The figures of an incident, from all its reports."""
    return f"figures-{incident}"


def incident_stream(incident: str) -> str:
    """An incident."""
    return f"incident-{incident}"


def closure_stream(incident: str) -> str:
    """What stands in the way of closing an incident."""
    return f"closure-{incident}"


def urgent_stream(period: str) -> str:
    """An urgent flood or drought period."""
    return f"urgent-{period}"


def evaluation_stream(evaluation: str) -> str:
    """An evaluation of an emergency or a plan."""
    return f"evaluation-{evaluation}"


def bulletin_stream(release: str) -> str:
    """What everybody is told of a release as it happens."""
    return f"bulletin-{release}"
