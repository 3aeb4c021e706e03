"""What tests of drills share: a drill's node, the command line in this process, and a folder's events."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing

from typer.testing import CliRunner

from services.cli import app, minting
from shared.eventlog.sqlite import SqliteLog
from shared.testing.facts import all_of
from shared.web.principals import Principals
from tests.support import DUTY, Node


class Drill(Node):
    """The node of a drill, with tokens of its own key."""

    realm = "DR-1"

    @property
    def principals(self):
        return Principals(self.folder / "keys" / "node.pem", self.realm)


def own_warning(node) -> str:
    """The warning a real node has published."""
    return node.get("/api/alerts/alerts", DUTY, own=True).json()["items"][0]["id"]


def until(true, seconds=15.0):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def events(folder, log="alerts"):
    """Every event of a log of a folder, its chain checked."""
    (path,) = (folder / "logs").glob(f"*.{log}.db")
    with closing(SqliteLog(path, path.stem, read_only=True)) as opened:
        return [json.loads(recorded.cloud_event()) for recorded in all_of(opened)]


def run(folder, *words, **settings):
    """The command line in this process: starting Python anew takes longer than all it does."""
    unset = {name: None for name in os.environ if name.startswith("ORTOO_")}
    done = CliRunner().invoke(app, words, obj=minting, env={**unset, "ORTOO_DATA": str(folder), **settings})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done
