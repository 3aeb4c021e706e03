"""A real node is killed under load and started again: what it answered is there, and nothing is there twice."""

from __future__ import annotations

import secrets

import pytest

from tests.hosts.kill import kill

RUNS = 5


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_a_killed_node_loses_nothing_it_answered_and_doubles_nothing(capsys):
    seed = secrets.randbits(32)
    with capsys.disabled():
        print(f"\nkill -9 under load, seed {seed}")
        kill(RUNS, seed)
