"""What a node says about its own troubles: where and of which kind, and never what a fact holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.registry.deciders.packs import AdoptRulePack
from services.start.settings import Settings
from services.wiring import open_node
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, new_id
from shared.kernel.errors import Failure, RuleBroken
from shared.runtime.node_api import kind_of, state, told
from shared.web.problems import problem_response

QUOTED = "张三 13812345678"
BROKEN = RuleBroken(Failure("PIPL-5", QUOTED))


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("LogBusy", "LogBusy", "LogBusy"),
        ("bug KeyError", "bug KeyError", "bug KeyError"),
        ("fork: 150000.alerts:7", "fork", "fork: 150000.alerts:7"),
        (
            f"stopped at 150000.alerts:12: alerts.message.received.v1: KeyError: {QUOTED}: x\ny",
            "KeyError",
            "stopped at 150000.alerts:12: alerts.message.received.v1: KeyError",
        ),
        (f"alerts.message.received.v1: RuleBroken: {BROKEN}", "RuleBroken", "alerts.message.received.v1: RuleBroken PIPL-5"),
        (f"ValueError: {QUOTED}", "ValueError", "ValueError"),
        ("behind: 37 events", "behind", "behind: 37 events"),
        ("stuck: 3 deadlines: KeyError", "stuck", "stuck: 3 deadlines: KeyError"),
        ("follows a parked event", "follows a parked event", "follows a parked event"),
    ],
)
def test_a_fault_is_told_by_kind_and_rule_and_never_by_its_text(fault, kind, said):
    assert (kind_of(fault), told(fault)) == (kind, said)


def test_anybody_who_asks_whether_a_node_is_ready_learns_engine_and_kind_of_error(tmp_path):
    node = opened(tmp_path)
    try:
        node.host.running["alerts"].models.reader._db.execute(
            "INSERT INTO stopped VALUES ('Series', '150000.alerts', 3, ?)", (f"alerts.message.received.v1: KeyError: {QUOTED}",)
        )
        answer = problem_response(503, "not_ready", [Failure(engine, kind_of(fault)) for engine, fault in node.host.faults().items()])
        assert json.loads(answer.body)["failures"] == [{"rule": "alerts.Series", "cure": "KeyError", "field": None}]
        assert QUOTED not in json.dumps(state(node.host, "x"), ensure_ascii=False)
    finally:
        node.host.stop()


def test_a_pack_that_is_not_the_one_adopted_is_told_and_stops_nothing(tmp_path):
    node = opened(tmp_path)
    try:
        pack = node.directory.packs[-1]
        for digest in (pack.digest, "0" * 64):
            adopt(node, pack.id, digest)
        faults = state(node.host, "x")["faults"]
        assert list(faults) == ["registry.rulepack"]
        assert f"{pack.id}@000000000000" in faults["registry.rulepack"] and pack.name in faults["registry.rulepack"]
        assert node.host.faults() == {}
        assert node.directory.rules_for("150722", datetime.now(UTC), None).pack == pack.name
        adopt(node, pack.id, pack.digest)
        assert state(node.host, "x")["faults"] == {}
    finally:
        node.host.stop()


def opened(folder: Path):
    return open_node(Settings(folder / "data", "150000"))


def adopt(node, pack, digest):
    command = AdoptRulePack(
        by=Signature("R.ADM", ("ADMIN",), "150000", 1), now=node.host.now(), division="150000", pack=pack, digest=digest
    )
    results: list[object] = []
    writer = node.host.running["registry"].writer
    writer.submit(Pending(id=new_id(), command=command, fingerprint=fingerprint("AdoptRulePack", b""), done=results.append))
    while writer.step():
        pass
    node.host.guarded_directory()
    assert not isinstance(results[0], BaseException), results
