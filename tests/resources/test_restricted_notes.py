"""What other services note of a restricted incident or response is as restricted, and belongs somewhere (ERL art. 69; domain IR-17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from services.alerts.events.incident import IncidentRegistered, IncidentType, Lead
from services.alerts.events.response import ResponseActivated
from services.alerts.events.scales import ResponseLevel
from services.compensation.deciders.entitlements.place import PLACE
from services.compensation.policies.claims import when_incident_registered_then_note_where_it_is
from services.privacy.deciders.activity import ACTIVITY
from services.privacy.policies.retaining import when_response_activated_then_note_that_it_runs as when_it_runs
from services.resources.deciders.donations.appeals import APPEALS
from services.resources.deciders.incident import INCIDENT
from services.resources.deciders.requisitions.holding import HELD
from services.resources.policies.giving import when_response_activated_then_campaigns_publish_every_few_days
from services.resources.policies.incidents import when_incident_registered_then_goods_may_go_there
from services.resources.policies.requisitions import when_response_activated_then_note_that_it_runs
from shared.kernel.commands import Command
from shared.kernel.decider import Decider
from shared.kernel.envelope import Envelope
from shared.testing.spec import given
from tests.alerts.world import RULES, at

NOW = at("14:00")
INCIDENT_FACT = IncidentRegistered("SS-1", IncidentType.SOCIAL, "150722", ("150722",), (Lead("150722"),), "B.DUTY", NOW, NOW)
LASTS = at("14:00", 25)
RESPONSE_FACT = ResponseActivated("ACT-S", "SS-1", "PLAN-S", 1, "150700", ResponseLevel.III, "m", LASTS, (), (), (), "C.HQ", NOW)


def envelope(visibility: str, division: str) -> Envelope:
    named: dict[str, Any] = {"streamid": "s-1", "partitionkey": "s-1", "streamversion": 1, "division": division, "visibility": visibility}
    return Envelope(specversion="1.0", id="n:1", source="", type="x", time=NOW, log="n", position=1, **named)


def about(decider: Decider[Any], commands: Iterable[Command]) -> tuple[str | None, str]:
    (command,) = commands
    decided = given(decider, rules=RULES).when(command)
    assert decided.decided is not None
    found = decider.about(decider.fold([fact[1] if isinstance(fact, tuple) else fact for fact in decided.decided.events]))
    return found.division, found.visibility


@pytest.mark.parametrize("visibility", ["internal", "restricted"])
def test_what_is_noted_of_it_is_seen_as_it_is(visibility: str) -> None:
    here, there = envelope(visibility, "150722"), envelope(visibility, "150700")
    assert about(INCIDENT, when_incident_registered_then_goods_may_go_there(INCIDENT_FACT, here)) == ("150722", visibility)
    assert about(PLACE, when_incident_registered_then_note_where_it_is(INCIDENT_FACT, here)) == ("150722", visibility)
    phase = when_response_activated_then_campaigns_publish_every_few_days(RESPONSE_FACT, there)
    assert about(APPEALS, phase) == ("150700", visibility)
    assert about(ACTIVITY, when_it_runs(RESPONSE_FACT, there)) == ("150700", visibility)


def test_what_is_held_for_it_is_of_a_division_from_the_first_note_on() -> None:
    there = envelope("internal", "150700")
    assert about(HELD, when_response_activated_then_note_that_it_runs(RESPONSE_FACT, there)) == ("150700", "restricted")
