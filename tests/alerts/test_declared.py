"""What the alerts service declares of events and commands exists."""

from __future__ import annotations

from services.alerts.clocks import DUE_FAMILIES
from services.alerts.policies import POLICIES
from shared.kernel.events import family, registered


def test_every_family_the_clocks_and_policies_listen_to_exists():
    families = {family(name) for name, _ in registered("alerts")}
    assert set(DUE_FAMILIES) <= families
    assert {one for policy in POLICIES for one in policy.listens} <= families
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)
