"""What tests of drills share: a drill's node, the command line in this process, and a folder's events."""

from __future__ import annotations

import json
from contextlib import closing

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


def events(folder, log="alerts"):
    """Every event of a log of a folder, its chain checked."""
    (path,) = (folder / "logs").glob(f"*.{log}.db")
    with closing(SqliteLog(path, path.stem, read_only=True)) as opened:
        return [json.loads(recorded.cloud_event()) for recorded in all_of(opened)]
