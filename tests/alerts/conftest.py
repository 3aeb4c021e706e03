"""A fresh observation store."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.alerts.observations.store import ObservationStore


@pytest.fixture
def store(tmp_path: Path) -> ObservationStore:
    return ObservationStore(tmp_path / "observations.db")
