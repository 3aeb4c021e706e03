"""What a service declares that it listens to exists, its own or a neighbour's."""

from __future__ import annotations

import pytest

from services.wiring import SERVICES
from shared.kernel.events import family, registered

KNOWN = {family(name) for name, _ in registered()}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_family_that_is_listened_to_exists(service):
    heard = {*service.due_families, *(one for part in (*service.policies, *service.projections) for one in part.listens)}
    assert heard <= KNOWN, heard - KNOWN
    assert len({policy.name for policy in service.policies}) == len(service.policies)
