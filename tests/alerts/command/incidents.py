"""Incidents as the tests of the command part begin them."""

from __future__ import annotations

from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import RegisterIncident, VerifyIncident
from services.alerts.deciders.incidents.state import Incident
from services.alerts.events.incident import IncidentType
from services.alerts.events.registers import HazardSource, HazardSourceRegistered
from services.alerts.policies.incidents import INCIDENTS
from services.alerts.policies.mergers import MERGERS
from shared.handling.declare import Policy
from shared.kernel.commands import Command, Signature
from shared.kernel.envelope import Envelope
from shared.kernel.errors import DomainError
from shared.kernel.events import family, type_of
from tests.alerts.world import DUTY, HQ, Streams, at

B, C, R, A, T = "150722", "150700", "150000", "150721", "150722106"
OFF = Signature("B.OFF", ("EMD.officer",), B, 3)
B_GOV, C_GOV, R_GOV = Signature("B.GOV", ("GOV",), B, 3), Signature("C.GOV", ("GOV",), C, 2), Signature("R.GOV", ("GOV",), R, 1)
B_HQ, C_HQ, A_HQ = HQ, Signature("C.HQ", ("HQ",), C, 2), Signature("A.HQ", ("HQ",), A, 3)
SYS = Signature("SYS.POLICY", ("SYS",), B)


def register(incident: str = "INC-1", type: IncidentType = IncidentType.DAM, clock: str = "13:52", **changed: Any) -> RegisterIncident:
    named: dict[str, Any] = {"known_at": at("13:50"), "occurred_at": at("13:48"), "by": DUTY, "division": B}
    return RegisterIncident(**({"now": at(clock), "incident": incident, "type": type} | named | changed))


def verify(incident: str = "INC-1", clock: str = "13:58") -> VerifyIncident:
    return VerifyIncident(by=OFF, now=at(clock), incident=incident)


def opened(closure: str, item: str, kind: str = "activation") -> dict[str, Any]:
    return {"by": SYS, "now": at("14:10"), "incident": closure, "item": item, "kind": kind}


class Node(Streams):
    """Streams with the policies of incidents run after each command, until nothing follows any more."""

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[str, str | None] = {}

    def incident(self, incident: str = "INC-1") -> Incident:
        found: Incident = self.state(f"incident-{incident}")
        return found

    def do(self, command: Command) -> list[Any]:
        """The facts of the command, then those that policies brought."""
        before = len(self.log)
        self.handle(command)
        self.settle(before)
        return [fact for _, fact in self.log[before:]]

    def settle(self, since: int) -> None:
        while since < len(self.log):
            stream, fact = self.log[since]
            since += 1
            for policy in INCIDENTS + MERGERS:
                if family(type_of(fact)) in policy.listens:
                    self._react(policy, stream, fact)

    def tell(self, stream: str, fact: Any, incident: str | None = None) -> None:
        """A fact of another part of the system; its stream is about that incident."""
        self.log.append((stream, fact))
        self.about[stream] = incident
        self.settle(len(self.log) - 1)

    def _react(self, policy: Policy, stream: str, fact: Any) -> None:
        envelope = Envelope(
            specversion="1.0",
            id="",
            source="",
            type=type_of(fact),
            time=fact.at,
            log="",
            position=1,
            streamid=stream,
            streamversion=1,
            partitionkey="",
            division=B,
            correlationid=self.about.get(stream) or getattr(fact, "incident", None),
        )
        for command in policy.react(fact, envelope):
            self.handle(command)


def dammed(*commands: Command, size: str = "small") -> Node:
    """A node that knows of a dam, after these commands."""
    made = Node()
    source = HazardSource("永安水库", "dam", "DAM.YA", T, size=size)
    made.past["hazard-DAM-YA"] = [HazardSourceRegistered("DAM-YA", source, at("08:00"))]
    for command in commands:
        made.do(command)
    return made


def refused(made: Streams, command: Command) -> DomainError:
    """What the command was refused with."""
    with pytest.raises(DomainError) as error:
        made.handle(command)
    return error.value
