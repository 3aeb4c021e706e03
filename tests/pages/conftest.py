from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.pages.served import Served
from tests.pages.watched import Watched
from tests.waiting import PATIENCE_S

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=1000 * PATIENCE_S)


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("node") / "data")
    yield served
    served.stop()


@pytest.fixture
def fresh(tmp_path):
    """A node where nothing has happened yet."""
    served = Served(tmp_path / "data")
    yield served
    served.stop()


@pytest.fixture(scope="session")
def duty(node):
    return node.token("EMD.duty", "150000")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser):
    """Opens pages and, at the end, holds them to what every page of ours keeps: silent, ours only, and as wide as the screen."""
    visits: list[Watched] = []

    def opened(url, **context):
        visits.append(Watched(browser.new_context(**context), url))
        return visits[-1]

    yield opened
    for each in visits:
        each.leave()
