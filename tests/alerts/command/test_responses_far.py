"""How far ahead a response may be said to last: it is looked at in time, and extended (ERL art. 86)."""

from __future__ import annotations

from datetime import timedelta

from services.alerts.deciders.responses.commands import ExtendResponse
from services.alerts.deciders.responses.response import RESPONSE
from services.alerts.events.guard import GuardTaken
from services.alerts.events.response import ResponseActivated, ResponseExtended
from shared.kernel.errors import RuleBroken
from shared.testing.spec import given
from tests.alerts.command.responding import B_HQ, NOW, activate, activated, around
from tests.alerts.world import RULES

LONGEST = RULES.value("response.longest")


def test_an_expected_end_lies_so_far_ahead_at_most() -> None:
    extend = ExtendResponse(by=B_HQ, now=NOW, activation="ACT-B", expected_end=NOW + LONGEST, reason="the water stands")
    given(RESPONSE, *activated(), rules=RULES).when(extend).then_types(ResponseExtended)
    further = ExtendResponse(
        by=B_HQ, now=NOW, activation="ACT-B", expected_end=NOW + LONGEST + timedelta(days=1), reason="the water stands"
    )
    refused = given(RESPONSE, *activated(), rules=RULES).when(further).refused(RuleBroken, "response.longest", times=1)
    assert "extend it when that comes near" in refused.cure
    far = activate(expected_end=NOW + LONGEST + timedelta(days=1))
    given(RESPONSE, rules=RULES, others=around()).when(far).refused(RuleBroken, "response.longest", times=1)
    given(RESPONSE, rules=RULES, others=around()).when(activate()).then_types(ResponseActivated, GuardTaken)
