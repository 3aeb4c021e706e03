"""The node that all tests of the edge share; who needs another one starts it with `tests.support.started`."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.sql.ports import Database, Databases
from shared.sql.sqlite import Files
from tests.support import Node, started

pytest_plugins = ["tests.components"]


def pytest_configure() -> None:
    """As many open files as this user may have: tests open thousands of stores, and leave many of them to the collector of garbage."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that are given much time come first: whoever begins one of them last keeps the others waiting."""
    given: dict[Path, float] = {}
    for item in items:
        timeout = item.get_closest_marker("timeout")
        given[item.path] = max(given.get(item.path, 0.0), timeout.args[0] if timeout is not None else 0.0)
    items.sort(key=lambda item: -given[item.path])


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Empty databases of either kind; what is tested with them is tested twice."""
    if request.param == "sqlite":
        return Files(tmp_path / "databases")
    from shared.sql.postgres import Schemas

    return Schemas(request.getfixturevalue("pg"), "test.")


@pytest.fixture
def database(databases: Databases) -> Database:
    """One of them."""
    return databases.at("one")


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
