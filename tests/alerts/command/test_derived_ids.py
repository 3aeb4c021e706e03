"""Ids made of ids: people can act on each, and no two things have one."""

from __future__ import annotations

from dataclasses import replace

from services.alerts.deciders.derived import derived
from services.alerts.deciders.orders.task import AcceptTask
from services.alerts.deciders.responses.basis import proposal_of
from services.alerts.deciders.responses.tasks import measure_task, order_task
from services.alerts.events.scales import ResponseLevel
from shared.handling.guard import unfit_texts
from tests.alerts.command.responding import NOW, activate, begun
from tests.alerts.world import DUTY


def test_short_ids_are_read_as_what_they_are_made_of():
    assert measure_task("ACT-B", "M-1") == "measure-ACT-B.M-1" and measure_task("ACT-B", "M-1", 2) == "measure-ACT-B.M-1.2"
    assert order_task("ACT-B", "SO-1") == "order-ACT-B.SO-1" and proposal_of("PLAN-B", "INC-1") == "PLAN-B.INC-1"


def test_no_two_things_have_one_id():
    assert measure_task("A", "M.1") != measure_task("A", "M", 1)
    assert measure_task("A.B", "M") != measure_task("A", "B.M")
    assert measure_task("A" * 64, "M-1") != measure_task("A" * 64, "M-2")
    assert proposal_of("P.Q", "R") != proposal_of("P", "Q.R")


def test_what_follows_from_the_longest_ids_can_be_acted_on():
    node = begun()
    node.do(activate("A" * 64, level=ResponseLevel.I, measures=(f"{'M' * 32} move people",)))
    for task in node.open_tasks():
        assert not unfit_texts(AcceptTask(by=DUTY, now=NOW, task=task)), task
    accept = AcceptTask(by=DUTY, now=NOW, task=derived("refusal", f"{'T' * 64}.3"))
    assert not unfit_texts(accept) and unfit_texts(replace(accept, task="T" * 65))
    assert not unfit_texts(replace(accept, task=proposal_of("P" * 64, "I" * 64)))
