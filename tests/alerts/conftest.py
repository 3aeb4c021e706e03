"""A fresh observation store."""

from __future__ import annotations

import pytest

from services.alerts.observations.store import ObservationStore
from shared.sql.ports import Database


@pytest.fixture
def store(database: Database) -> ObservationStore:
    return ObservationStore(database)
