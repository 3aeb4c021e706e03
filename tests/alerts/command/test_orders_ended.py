"""How orders end, and what they owe after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.alerts.deciders.orders.commands import (
    AmendOrder,
    EndOrder,
    EscalateOrderClock,
    RevokeOrder,
)
from services.alerts.deciders.orders.order import ORDER
from services.alerts.events.clock import ClockMissed
from services.alerts.events.order import (
    OrderEnded,
    OrderRevoked,
)
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from tests.alerts.command.test_orders import ICP, WHEN, issued, past, signed
from tests.alerts.world import SYS, at


@pytest.mark.parametrize(("kind", "fact"), [(EndOrder, OrderEnded), (RevokeOrder, OrderRevoked)])
def test_an_order_ends_with_a_reason_and_still_owes_its_filing(kind, fact):
    event = past().when(signed(kind, reason="the road is dry")).then_types(fact).events[0]
    assert event.stopped == ("K-19", "ack")
    assert ORDER.fold([issued(), event]).clocks.runs("K-21")
    past().when(signed(kind)).refused(RuleBroken, "ERL-86")
    past().when(signed(kind, ICP, reason="x")).refused(NotAllowed, "ERL-20")
    past(event).when(signed(kind, reason="again")).refused(WrongState, "order.life")
    past(event).when(signed(AmendOrder, reason="x", text="y")).refused(WrongState, "order.life")


def test_an_order_ends_with_its_response_once():
    end = signed(EndOrder, SYS, reason="with the response ACT-B", activation="ACT-B")
    event = past().when(end).then_types(OrderEnded).events[0]
    assert event.activation == "ACT-B"
    past(event).when(end).then()


def test_a_missed_clock_is_said_once():
    escalate = signed(EscalateOrderClock, SYS, clock="00:00", day=22, key="K-21")
    missed = ClockMissed("K-21", "K-21", WHEN, at("00:00", 22), at("00:00", 22))
    past().when(escalate).then(missed)
    past(missed).when(escalate).then()
    past().when(replace(escalate, now=at("23:59", 21))).then()
