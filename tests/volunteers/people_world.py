"""Posts, rules and histories that the tests of volunteers, forces and insurance speak of. Letters, not people."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.volunteers.deciders.forces.force import FORCE
from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.events.force import ForceFiled, ForceFilingApplied
from services.volunteers.events.validity import Cover, Member, Valid
from services.volunteers.events.volunteer import IdentityVerified, VolunteerApproved, VolunteerRegistered
from shared.kernel.commands import Signature
from shared.kernel.envelope import Envelope
from shared.rules.loading import duration

ROOT = Path(__file__).parents[2]
BANNER, CITY = "150722", "150700"
OFFICER = Signature("B.OFF", ("EMD.officer",), BANNER, 3)
SECOND = Signature("B.APP", ("EMD.approver",), BANNER, 3)
HQ = Signature("B.HQ", ("HQ",), BANNER, 3)
VOL_A = Signature("V-A", ("VOL",), BANNER, 3)
VOL_B = Signature("V-B", ("VOL",), BANNER, 3)
LEADER = Signature("TL.1", ("TEAM",), "150721", 3)
OTHER_LEADER = Signature("TL.2", ("TEAM",), "150702", 3)
SYS = Signature("SYS.POLICY", ("SYS",), BANNER)


def at(clock: str, day: int = 18) -> datetime:
    """A time of July 2021 in Beijing."""
    return datetime.fromisoformat(f"2021-07-{day:02}T{clock}:00+08:00")


NOW = at("08:00", 1)
LATER = at("08:00", 18)
END = at("08:00", 31)


class FakeRules:
    """Values by rule id, from the service's own files."""

    pack = "test@0"

    def value(self, rule: str) -> Any:
        return _values()[rule]


@cache
def _values() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for file in (ROOT / "services/volunteers/rules").glob("*.toml"):
        for row in tomllib.loads(file.read_text()).get("rule", ()):
            values[row["id"]] = duration(row["duration"]) if "duration" in row else row["value"]
    return values


RULES = FakeRules()
_PLACE: dict[str, Any] = {"log": "l", "position": 1, "streamid": "s-1", "streamversion": 1, "partitionkey": "s-1"}
ENVELOPE = Envelope(specversion="1.0", id="l:1", source="l", type="t", time=LATER, division=BANNER, **_PLACE)
BASIC = Valid("basic", NOW, END)
COVER = Cover("POL-3", NOW, END, BANNER, "rescue")


def register(**changed: Any) -> ask.RegisterVolunteer:
    """A registration with all it rests on."""
    whole: dict[str, Any] = {"by": OFFICER, "now": NOW, "volunteer": "V-A", "division": BANNER, "person": "ref-1", "adult": True}
    accepted: dict[str, Any] = {"risk_text": 1, "notice": "1", "consent": True, "languages": ("zh",), "skills": ("boat",), "fit": True}
    return ask.RegisterVolunteer(**whole | accepted | changed)


def registered(volunteer: str = "V-A", **changed: Any) -> VolunteerRegistered:
    """A registration by an officer."""
    said: dict[str, Any] = {
        "volunteer": volunteer,
        "person": "ref-1",
        "division": BANNER,
        "township": None,
        "adult": True,
        "guardian": False,
        "languages": ("zh",),
        "skills": ("boat",),
        "organisation": None,
        "excluded": (),
        "risk_text": 1,
        "notice": "1",
        "by": OFFICER.actor,
        "at": NOW,
        "fit": True,
    }
    return VolunteerRegistered(**said | changed)


def approved(volunteer: str = "V-A", **changed: Any) -> tuple[Any, ...]:
    """A volunteer who may be asked."""
    return (
        registered(volunteer, **changed),
        IdentityVerified(volunteer, "document_seen", True, (), SECOND.actor, NOW),
        VolunteerApproved(volunteer, SECOND.actor, NOW),
    )


def volunteer_of(*events: Any) -> Any:
    """The state after the events."""
    return VOLUNTEER.fold(events)


def applied(force: str = "SF-1", **changed: Any) -> ForceFilingApplied:
    """A water-rescue team's filing."""
    said: dict[str, Any] = {
        "force": force,
        "name": "Test Water Rescue Team A",
        "kind": "social",
        "disciplines": ("WATER",),
        "home": "150721",
        "contract": False,
        "contract_with": None,
        "leader": LEADER.actor,
        "members": tuple(Member(f"M-1{n}", None, True, True) for n in (1, 2)),
        "registration": "R-1",
        "host_unit": None,
        "self_sufficiency_days": 3,
        "contact_24h": True,
        "by": LEADER.actor,
        "at": NOW,
    }
    return ForceFilingApplied(**said | changed)


def filed(force: str = "SF-1", **changed: Any) -> tuple[Any, ...]:
    """A force on file."""
    return (applied(force, **changed), ForceFiled(force, "F-1", "P-1", SECOND.actor, NOW))


def force_of(*events: Any) -> Any:
    """The state after the events."""
    return FORCE.fold(events)
