"""`ortoo cluster status` knows which processes a whole cluster has, and misses those that do not run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.operate import status
from services.operate.places import Servers
from services.start import feeding
from services.start.cluster import IMPORTS
from services.start.feeding import process_names
from services.start.settings import ClusterSettings
from services.wiring import SERVICES
from tests.architecture.house import ROOT

FEED = "150000.to.150724"
ALL = (*(service.name for service in SERVICES), "front", "filter", *(f"import {name}" for name in IMPORTS))


@pytest.fixture
def cluster(monkeypatch, tmp_path):
    """A cluster in which everything runs and is ready, until a test says otherwise: its names, and the turns nobody has."""
    runs, vacant = set(ALL), set[str]()
    monkeypatch.setattr(status, "_processes", lambda dsn: [(name, "127.0.0.1:1") for name in runs])
    monkeypatch.setattr(status, "_asked", lambda http, address: None)
    monkeypatch.setattr(status, "holder", lambda dsn, turn: None if turn in vacant else "ortoo somebody")
    monkeypatch.setattr(status, "lags", lambda place, now: ())
    place = Servers(ClusterSettings(tmp_path, "150000", kafka="nowhere:9"), {"registry": "", "alerts": "", "front": "", "filter": ""}, {})

    def wrong() -> list[str]:
        return [state.words for state in status.states(place, datetime.now(UTC), ALL, (FEED,)) if not state.well]

    return runs, vacant, wrong


def test_a_whole_cluster_is_well(cluster):
    _, _, wrong = cluster
    assert wrong() == []


@pytest.mark.parametrize("name", ALL)
def test_a_process_that_does_not_run_is_missed(cluster, name):
    runs, _, wrong = cluster
    runs.remove(name)
    [words] = wrong()
    assert words.startswith(f"{name} ") and "does not run" in words


@pytest.mark.parametrize("turn", ["150000.alerts reactor", "150000.registry relay", f"{FEED} filter", f"{FEED} relay"])
def test_a_turn_that_nobody_has_is_told(cluster, turn):
    _, vacant, wrong = cluster
    vacant.add(turn)
    [words] = wrong()
    assert words.startswith(turn) and "nobody" in words


def test_a_cluster_that_gives_nothing_needs_no_filter(monkeypatch):
    monkeypatch.setenv("ORTOO_AUDIENCES", str(ROOT / "infra/audiences.toml"))
    assert set(process_names()) == set(ALL)
    monkeypatch.setattr(feeding, "audiences", lambda: ())
    assert set(process_names()) == set(ALL) - {"filter", "import filter"}
