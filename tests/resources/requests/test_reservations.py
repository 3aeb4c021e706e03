"""No path leaves a reservation behind: every state that the commands can reach from a small beginning is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.resources.deciders import DECIDERS
from services.resources.deciders.allocations import cancelling
from services.resources.deciders.allocations.commands import EscalateAllocationClock
from services.resources.deciders.allocations.state import DISPATCHED, MADE
from services.resources.deciders.requests import commands as c
from services.resources.deciders.requests import ending
from services.resources.deciders.requests.state import OVER
from services.resources.deciders.shipments import commands as d
from services.resources.deciders.shipments import packing
from services.resources.deciders.stock import lots
from services.resources.deciders.stock.commands import RecallLot
from services.resources.events.allocation import DISPATCH
from services.resources.events.shipment import Rest
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, category
from shared.kernel.errors import DomainError
from shared.testing.spec import joint_states
from tests.resources.requests.world import allocate, assess, cancel, received, submit
from tests.resources.world import APP, KEEPER, NOW, OFF, RULES, SYS, Town, stocked_town

LATER = NOW + timedelta(days=2)
STOCK = "stock-WH-MD.TENT"
SENT: dict[str, Any] = {"now": NOW, "shipment": "SP-1"}
ACTS: dict[str, Command] = {  # a command is added to the search by a line here
    "allocate": allocate("AC-1", items={"TENT": 2}),
    "allocate more": allocate("AC-2", items={"TENT": 2}, reason="one for the school"),
    "cancel": cancel("AC-1"),
    "cancel the other": cancel("AC-2"),
    "expire": EscalateAllocationClock(by=SYS, now=LATER, allocation="AC-1", key=DISPATCH),
    "cut": c.CutRequest(by=APP, now=NOW, request="SR-1", items={"TENT": 2}, reason="fewer people"),
    "decline": c.DeclineRequest(by=APP, now=NOW, request="SR-1", reason="no"),
    "cancel the request": c.CancelRequest(by=OFF, now=NOW, request="SR-1", reason="no longer needed"),
    "close": c.CloseRequest(by=OFF, now=NOW, request="SR-1", unmet={"TENT": 3}, reason="over"),
    "close when cut": c.CloseRequest(by=OFF, now=NOW, request="SR-1", unmet={"TENT": 2}, reason="over"),
    "recall a lot": RecallLot(by=OFF, now=NOW, lot="T-2", reason="mould"),
    "dispatch": d.OrderDispatch(by=APP, **SENT, allocation="AC-1"),
    "do not dispatch": d.CancelDispatch(by=SYS, **SENT, reason="cancelled"),
    "pick": d.ConfirmPick(by=KEEPER, **SENT),
    "load": d.ConfirmLoad(by=KEEPER, **SENT),
    "dispatch another truck": d.OrderDispatch(by=APP, now=NOW, shipment="SP-2", allocation="AC-1"),
    "pick the rest": d.ConfirmPick(by=KEEPER, now=NOW, shipment="SP-2"),
    "load the rest": d.ConfirmLoad(by=KEEPER, now=NOW, shipment="SP-2"),
    "load one lot": d.ConfirmLoad(by=KEEPER, **SENT, lots={"T-1": 1}, reason="no room", rest=Rest.RELEASE),
    "load one, keep one": d.ConfirmLoad(by=KEEPER, **SENT, lots={"T-1": 1}, reason="no room", rest=Rest.KEEP),
    "depart": d.Depart(by=KEEPER, **SENT),
    "turn back": d.TurnBack(by=KEEPER, **SENT, reason="the road is cut"),
    "lose": d.LoseShipment(by=APP, cosigner=OFF, **SENT, reason="the bridge gave way"),
}
States = Mapping[str, Any]
BY_CATEGORY = {decider.category: decider for decider in DECIDERS}
BY_COMMAND = {kind: decider for decider in DECIDERS for kind in decider.handles}


def beginning() -> States:
    """Three tents are asked; the store has four, in two lots."""
    town = Town()
    town.past = stocked_town().past
    town.do(received("WH-MD", "T-1", "TENT", 1))
    town.do(received("WH-MD", "T-2", "TENT", 3))
    town.do(submit(items={"TENT": 3}))
    town.do(assess())
    return {stream: town.state(stream) for stream in town.past}


def after(states: States, command: Command) -> States | None:
    """The states after a command; None when it is refused. Whatever else is raised is a defect."""
    decider = BY_COMMAND[type(command)]

    def get(stream: str) -> Any:
        return states.get(stream, BY_CATEGORY[category(stream)].initial)

    first = decider.handles[type(command)].streams(command)[0]
    known = joint_states(decider, command, get(first), get)
    try:
        result = decider.decide(command, known if type(command) in decider.joint else known[first], RULES)
    except DomainError:
        return None
    found = dict(states)
    for one in result.events if isinstance(result, Decided) else result:
        stream, fact = one if isinstance(one, tuple) else (first, one)
        found[stream] = BY_CATEGORY[category(stream)].evolve(found.get(stream, BY_CATEGORY[category(stream)].initial), fact)
    return found


def reachable() -> Iterator[tuple[tuple[str, ...], States]]:
    """Every state with a shortest way to it."""
    start = beginning()
    first = {stream: repr(state) for stream, state in start.items()}
    seen = {frozenset(first.items())}
    edge: list[tuple[tuple[str, ...], States, Mapping[str, str]]] = [((), start, first)]
    while edge:
        further: list[tuple[tuple[str, ...], States, Mapping[str, str]]] = []
        for way, states, prints in edge:
            for name, command in ACTS.items():
                if (found := after(states, command)) is None:
                    continue
                changed = {stream: repr(state) for stream, state in found.items() if state is not states.get(stream)}
                if (known := frozenset(({**prints, **changed}).items())) not in seen:
                    seen.add(known)
                    further.append(((*way, name), found, {**prints, **changed}))
        yield from ((way, states) for way, states, _ in further)
        edge = further


def searched() -> None:
    """Everything that must hold of every state. AssertionError with a shortest way to one of which it does not."""
    ends: set[str] = set()
    done: set[str] = set()
    for way, states in reachable():
        done.update(way)
        request, stock = states["request-SR-1"], states[STOCK]
        held = stock.ledger.keys("reserved")
        for allocation in held:
            assert states[f"allocation-{allocation}"].status in (MADE, DISPATCHED), way
        loaded = stock.ledger.total("transit")
        assert request.lines["TENT"].allocated == sum(stock.reserved(lot) for lot in stock.lots) + loaded, way
        assert states["store-FP-XW"].requests == (() if request.status in OVER else ("SR-1",)), way
        if request.status in OVER:
            assert not held, way
            ends.add(request.status)
    assert ends == OVER
    assert done == set(ACTS)  # the search says something of each


def test_no_path_leaves_a_reservation_behind():
    searched()


def nothing(*_: Any, **__: Any) -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("module", "name", "instead"),
    [
        (cancelling, "release", nothing),  # the allocation is over, its goods are not free
        (packing, "release", nothing),  # what was not loaded stays promised
        (packing, "not_coming", nothing),  # the request believes that it still comes
        (lots, "_told", nothing),  # a recall frees goods of which the request is not told
        (ending, "UNLOADED", (MADE,)),  # what is dispatched and not loaded outlives its request
        (ending, "over", nothing),  # the store waits for ever
    ],
)
def test_the_search_finds_what_is_planted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, instead: Any):
    monkeypatch.setattr(module, name, instead)
    with pytest.raises(AssertionError):
        searched()
