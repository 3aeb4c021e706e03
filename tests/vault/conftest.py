"""A vault on either database, and what is kept in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.vault.vault import open_vault

NOW = datetime(2021, 7, 19, 8, 0, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "outside" / "root.key"


@pytest.fixture
def vault(databases, root):
    made = open_vault(databases, root)
    yield made
    made.close()
