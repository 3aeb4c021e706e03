"""How streams of the volunteers service are named."""

from __future__ import annotations


def volunteer_stream(volunteer: str) -> str:
    """A volunteer's registration."""
    return f"volunteer-{volunteer}"


def force_stream(force: str) -> str:
    """A social or other rescue force."""
    return f"force-{force}"


def standby_stream(alert: str, measure: str) -> str:
    """Forces asked to stand by for a warning."""
    return f"standby-{alert}.{measure}"


def policy_stream(policy: str) -> str:
    """An insurance policy."""
    return f"policy-{policy}"


def callup_stream(call_up: str) -> str:
    """A call-up with everybody who was called."""
    return f"callup-{call_up}"


def engagement_stream(holder: str) -> str:
    """What a volunteer, a force or a member of one is promised to."""
    return f"engagement-{holder}"


def zone_stream(zone: str) -> str:
    """A zone of work."""
    return f"zone-{zone}"


def service_stream(person: str) -> str:
    """The hours of a person."""
    return f"service-{person}"


def certificate_stream(certificate: str) -> str:
    """A certificate of service."""
    return f"certificate-{certificate}"


def honour_stream(honour: str) -> str:
    """An honour from its nomination to its end."""
    return f"honour-{honour}"


def nominee_stream(holder: str) -> str:
    """For which honours a volunteer or force was proposed last."""
    return f"nominee-{holder}"


def injury_stream(injury: str) -> str:
    """A person who came to harm in service."""
    return f"injury-{injury}"
