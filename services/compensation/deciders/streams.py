"""How streams of compensation are named."""

from __future__ import annotations

NO_INCIDENT = "-"  # no id begins so


def claim_stream(claim: str) -> str:
    """A claim from its opening to its end."""
    return f"claim-{claim}"


def entitlement_stream(claimant: str, incident: str | None) -> str:
    """What a claimant is owed for in one incident, and which claims cover it."""
    return f"entitlement-{claimant}.{incident or NO_INCIDENT}"


def incident_stream(incident: str) -> str:
    """Where an incident is."""
    return f"incident-{incident}"


def leader_stream(force: str) -> str:
    """Who speaks for a force."""
    return f"leader-{force}"


def once_stream(what: str) -> str:
    """Which claim has an item, or the days of work of one person: `requisition.RE-1`, `work.V-A`."""
    return f"once-{what}"


def tariff_stream(division: str, tariff: str) -> str:
    """The rates of one tariff that a division pays by."""
    return f"tariff-{division}.{tariff}"
