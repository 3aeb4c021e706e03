"""Two promises of one lot that wait together at the writer, and the proposal over stores: each lot is given once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.resources.deciders.allocations.commands import Allocate
from services.resources.deciders.requests import commands as c
from services.resources.service import RESOURCES
from shared.handling.pending import Answer
from shared.kernel.errors import RuleBroken
from tests.handling.desk import Desk
from tests.handling.tour_resources_masters import masters_tour
from tests.hosts.alert_work import AlertsWork
from tests.resources.requests.world import LINE, PLACE, received
from tests.resources.world import APP, OFF, TOWN


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two assessed requests for ten tents each, and ten tents."""
    made = Desk(tmp_path, RESOURCES, rules_for=AlertsWork().rules_for)
    for command in masters_tour(made):
        made.do(command)
    made.do(received("WH-MD", "T-1", "TENT", 10, now=made.now))
    for request in ("SR-1", "SR-2"):
        said: dict[str, Any] = {"incident": "INC-1", "place": PLACE, "receiver": "W.FP", "to_store": "FP-XW", "people": 40, "line": LINE}
        until = made.now.replace(hour=23)
        made.do(c.SubmitRequest(by=TOWN, now=made.now, request=request, needed_by=until, items={"TENT": 10}, **said))
        made.do(c.AssessRequest(by=OFF, now=made.now, request=request))
    return made


def test_of_two_promises_of_one_lot_in_one_batch_one_is_refused(desk: Desk):
    orders = [Allocate(by=APP, now=desk.now, allocation=f"AC-{n}", request=f"SR-{n}", store="WH-MD", lots={"T-1": 6}) for n in (1, 2)]
    ids = [desk.send(order) for order in orders]
    desk.writer.step()
    first, second = (desk.results[id][-1] for id in ids)
    assert isinstance(first, Answer)
    assert isinstance(second, RuleBroken)
    assert (second.rule, second.cure) == ("stock.nonneg", "T-1 is reserved for AC-1: available 4")


def test_of_two_that_fit_both_are_made(desk: Desk):
    both = [Allocate(by=APP, now=desk.now, allocation=f"AC-{n}", request=f"SR-{n}", store="WH-MD", items={"TENT": 5}) for n in (1, 2)]
    ids = [desk.send(order) for order in both]
    desk.writer.step()
    assert all(isinstance(desk.results[id][-1], Answer) for id in ids)
