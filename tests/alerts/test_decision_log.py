"""The decision log holds what posts decided: not what anybody told, and not what a machine carried out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from services.alerts.projections.decisions import Decisions
from shared.kernel.envelope import Envelope
from tests.alerts.world import approved, at

SIGNED = Envelope(
    specversion="1.0",
    id="",
    source="",
    type="alerts.alert.approved.v1",
    time=at("02:18"),
    log="",
    position=7,
    streamid="alert-AL-1",
    streamversion=2,
    partitionkey="",
    division="150722",
    actor="B.MET2",
    role="SECT.weather.approver",
)


class Kept:
    """Rows as they were put."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def put(self, table: Any, **row: Any) -> None:
        self.rows.append(row)


@pytest.mark.parametrize(("role", "rows"), [("SECT.weather.approver", 1), ("SYS", 0), ("SYS.TIMER", 0), ("PUBLIC", 0), ("LINK", 0)])
def test_only_posts_decide(role, rows):
    kept: Any = Kept()
    Decisions().apply(kept, approved()[1], replace(SIGNED, role=role))
    assert len(kept.rows) == rows
