"""What was just published can be read as CAP at once, without saying which position."""

from __future__ import annotations

from tests.support import AUTHOR, DUTY


def test_the_cap_of_a_warning_is_there_right_after_its_publication(node):
    second = AUTHOR._replace(actor="B.MET2", role="SECT.weather.approver")
    for _ in range(20):
        alert = node.draft().json()["stream"].removeprefix("alert-")
        for step in ("approval", "publication"):
            assert node.post(f"/api/alerts/alerts/{alert}/{step}", second).status_code == 201
        got = node.get(f"/api/alerts/alerts/{alert}/cap", DUTY)
        assert got.status_code == 200, got.text
