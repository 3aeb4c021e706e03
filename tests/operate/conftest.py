"""A stopped node for operators' commands; each test has a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import started


@pytest.fixture(scope="session")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that published a warning and was stopped."""
    folder = tmp_path_factory.mktemp("operate") / "node"
    with started(folder) as node:
        node.published()
    return folder


@pytest.fixture
def node(stopped: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    folder = tmp_path / "node"
    shutil.copytree(stopped, folder)
    return folder
