"""What a duty room sees of approvals by word of mouth (K-24)."""

from __future__ import annotations

from services.alerts.projections.supplies import ORAL, Supplies
from services.resources.events.request import ApprovalPapered, RequestCancelled, SupplyOrallyApproved
from shared.blocks.clocks import Due
from shared.kernel.envelope import Envelope
from tests.alerts.projections.test_board import NOON, Rows

AT = Envelope(specversion="1.0", id="", source="", type="", time=NOON, log="", position=1, streamid="", streamversion=1, partitionkey="")
SAID = SupplyOrallyApproved("SR-1", {"TENT": 1}, "duty phone", 3, "B.APP", NOON, (Due("K-24", "K-24", NOON, NOON),))
PAPERED = ApprovalPapered("SR-1", "No. 7", 0, "B.APP", NOON, ("K-24",))


def state(*events: object) -> str:
    rows = Rows()
    for event in events:
        Supplies().apply(rows, event, AT)
    row = rows.get(ORAL, "SR-1")
    assert row is not None
    return str(row["state"])


def cancelled(*stopped: str) -> RequestCancelled:
    return RequestCancelled("SR-1", "not needed", (), (), "B.APP", NOON, stopped)


def test_the_paper_is_owed_until_it_is_written_or_the_request_is_cancelled():
    assert [state(SAID), state(SAID, PAPERED), state(SAID, cancelled("K-24"))] == ["running", "met", "stopped"]


def test_what_was_put_on_paper_stays_so_when_the_request_is_cancelled_later():
    assert state(SAID, PAPERED, cancelled()) == "met"
