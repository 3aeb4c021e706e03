"""A minute of histories with crashes at every commit; and every kind of planted bug is found."""

from __future__ import annotations

import os
import secrets

import pytest

from shared.runtime.simulated import POINTS
from shared.testing.history import run
from tests.hosts.depot_work import DepotWork
from tests.hosts.planted import PLANTED
from tests.hosts.planted_goods import PLANTED_GOODS
from tests.hosts.resources_work import ResourcesWork
from tests.hosts.simulate import WORK, simulate

SECONDS = float(os.environ.get("ORTOO_SIMULATE_SECONDS", "60"))
LEAST = round(500 * SECONDS / 60)  # histories; on a busy machine they take longer
SEEDS = 60  # a planted bug is found within so many histories
SEEDS_OF_GOODS = 150  # of goods, whose way from store to store is long


@pytest.mark.alone
@pytest.mark.timeout(4 * SECONDS + 60)
def test_whatever_dies_when_nothing_is_lost_doubled_or_reordered(capsys):
    tally = simulate(SECONDS, os.cpu_count() or 1, tuple(sorted(WORK)), secrets.randbits(40), LEAST)
    with capsys.disabled():
        print(f"\n{tally}")
    assert not tally.failures, tally.failures[0]
    assert tally.histories.total() >= LEAST
    if tally.histories.total() >= 200:
        assert set(POINTS) == set(tally.died), "a crash point was never hit"


def test_a_history_is_the_same_whenever_it_is_played():
    told: list[list[str]] = [[], []]
    outcomes = [run(7, DepotWork(), trace=lines.append) for lines in told]
    assert told[0] == told[1]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].commands >= 40
    assert outcomes[0].died.total() >= 5


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_bug_is_found(kind):
    host, said = PLANTED[kind]
    with pytest.raises(Exception, match=said):
        for seed in range(SEEDS):
            run(seed, DepotWork(), host)


@pytest.mark.parametrize("kind", PLANTED_GOODS)
def test_a_planted_bug_in_the_books_of_goods_is_found(kind, monkeypatch):
    place, name, wrong, said = PLANTED_GOODS[kind]
    monkeypatch.setattr(place, name, wrong)
    with pytest.raises(Exception, match=said):
        for seed in range(SEEDS_OF_GOODS):
            run(seed, ResourcesWork())
