"""How orders end, and what they owe after it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from services.alerts.deciders.incidents.closure import ACTIVATION, Closure
from services.alerts.deciders.incidents.state import MERGED, RESPONDING, Incident
from services.alerts.deciders.orders.commands import (
    AmendOrder,
    EndOrder,
    EscalateOrderClock,
    RevokeOrder,
)
from services.alerts.deciders.orders.order import ORDER
from services.alerts.deciders.responses.state import ACTIVE, TERMINATED, Response
from services.alerts.events.clock import ClockMissed
from services.alerts.events.order import (
    OrderAmended,
    OrderEnded,
    OrderRevoked,
)
from shared.blocks.open_items import NOTHING
from shared.kernel.errors import NotAllowed, RuleBroken, WrongState
from shared.testing.spec import given
from tests.alerts.command.test_orders import ICP, INC, WHEN, issued, past, scene, signed
from tests.alerts.world import RULES, SYS, at


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


AMEND = signed(AmendOrder, reason="x", text="y")


def test_an_order_is_not_changed_after_its_response():
    for status, open_ in ((ACTIVE, True), (TERMINATED, False)):
        bound = replace(issued(), activation="ACT-B", incident=INC)
        asked = given(ORDER, bound, rules=RULES, others={"response-ACT-B": Response(status=status)}).when(AMEND)
        asked.then_types(OrderAmended) if open_ else asked.refused(WrongState, "ERL-86")


def test_an_order_under_no_response_is_not_changed_after_the_last_of_its_incident():
    running = NOTHING.open("activation/ACT-B", ACTIVATION)
    over = Closure(items=running.settle("activation/ACT-B", "ended"))
    loose = given(ORDER, replace(issued(), incident=INC), rules=RULES, others=scene(closure=over))
    loose.when(AMEND).refused(WrongState, "ERL-86")
    going = given(ORDER, replace(issued(), incident=INC), rules=RULES, others=scene(closure=Closure(items=running)))
    going.when(AMEND).then_types(OrderAmended)
    merged = scene(status=MERGED, closure=over)
    merged[f"incident-{INC}"] = msgspec.structs.replace(merged[f"incident-{INC}"], merged_into="INC-2")
    merged |= {"incident-INC-2": Incident("INC-2", RESPONDING, division="150722"), "closure-INC-2": Closure(items=running)}
    given(ORDER, replace(issued(), incident=INC), rules=RULES, others=merged).when(AMEND).then_types(OrderAmended)


def test_a_missed_clock_is_said_once():
    escalate = signed(EscalateOrderClock, SYS, clock="00:00", day=22, key="K-21")
    missed = ClockMissed("K-21", "K-21", WHEN, at("00:00", 22), at("00:00", 22))
    past().when(escalate).then(missed)
    past(missed).when(escalate).then()
    past().when(replace(escalate, now=at("23:59", 21))).then()
