"""The node that all tests of the edge share; who needs another one starts it with `tests.support.started`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import Node, started


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real node as a process on a free port, with a folder of its own."""
    with started(tmp_path_factory.mktemp("node") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def story_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose clock only requests move."""
    with started(tmp_path_factory.mktemp("story") / "data", "--story-clock") as running:
        yield running
