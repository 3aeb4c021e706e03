"""A stopped node, and the databases and topics of a cluster, for operators' commands; each test has its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from shared.testing.facts import all_of
from tests.components import running
from tests.handling.desk import dry
from tests.operate.site import DATABASES, LOG, NEIGHBOUR, Site
from tests.support import started
from tools.components import KafkaBroker


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


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """A broker of this folder alone: the topics have the names of real logs."""
    with running(KafkaBroker(Path(tempfile.mkdtemp(prefix="ortoo-operate-")), owner=os.getpid())) as server:
        server.start()
        yield server.bootstrap


@pytest.fixture
def site(postgres_server: str, kafka: str, tmp_path) -> Iterator[Site]:
    made = Site(postgres_server, kafka, tmp_path / "data")
    made.folder.mkdir()
    made.topics.make([LOG, NEIGHBOUR])
    made.make(*DATABASES)
    made.log(NEIGHBOUR)
    yield made
    made.drop()
    made.bootstrap = kafka
    made.topics.make([LOG, NEIGHBOUR])
    for name in (LOG, NEIGHBOUR):
        made.empty_topic(name, again=False)


@pytest.fixture
def lost(site: Site, tmp_path):
    """Backed up, gone on, relayed, received by the front, and lost: (events, answers by id). The alerts database is new and empty."""
    desk = site.desk()
    runner = desk.runner()
    desk.receive(5)
    dry(runner.step, desk.writer.step)
    site.relay(desk.log)
    site.received()
    assert f"alerts/{LOG}: 2 events" in site.ortoo("backup", str(tmp_path / "backup"))
    desk.ids = 100
    answers = {}
    for n in range(3):
        desk.receive(n + 1)
        answers[desk.ids] = desk.results[UUID(int=desk.ids)][-1]
    dry(runner.step, desk.writer.step)
    site.relay(desk.log)
    site.received()
    events = all_of(desk.log)
    site.close()
    site.make("alerts")
    return events, answers
