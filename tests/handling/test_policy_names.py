"""A policy is known by its name: of two of one name a runner would know only the last."""

from __future__ import annotations

import pytest

from services.wiring import SERVICES


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_policy_has_a_name_of_its_own(service):
    names = [policy.name for policy in service.policies]
    assert sorted(set(names)) == sorted(names)
