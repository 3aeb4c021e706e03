"""Short forms of `make faults`: under load all the while, broken in the ways that a duty room meets first."""

from __future__ import annotations

import secrets

import pytest

from tests.faults.__main__ import FEW, suffer

pytestmark = pytest.mark.timeout(900)  # a cluster is started, and broken more than once

FIRST = ("killed", "broker away", "forged and chained")
SHORT = (*FIRST, "postgres restarted", "restored, topic present", "foreign records")


def broken(folder, capsys, names, services=None):
    """What `python -m tests.faults --rounds 1 --seed N` does, with a seed of its own, which is told before anything is done."""
    seed = secrets.randbits(32)
    with capsys.disabled():
        print(f"\nfaults of a cluster, seed {seed}")
        for said in suffer(folder, names, f"{seed}.0", services):
            print(said)


@pytest.mark.alone
def test_whatever_is_killed_nothing_answered_is_lost_and_nothing_happens_twice(cluster_folder, capsys):
    broken(cluster_folder, capsys, FIRST, FEW)


@pytest.mark.cluster
def test_in_a_whole_cluster_nothing_answered_is_lost_and_nothing_happens_twice(cluster_folder, capsys):
    broken(cluster_folder, capsys, SHORT)
