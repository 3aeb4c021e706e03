"""`ortoo drill make`: what stations had said by the moment a drill begins at."""

from __future__ import annotations

from contextlib import closing

from services.alerts.observations.store import ObservationStore
from shared.sql.sqlite import File
from tests.support import OFFICER, Post, commanded, started


def test_what_stations_had_said_by_then_comes_along(tmp_path):
    reading = {"station": "G-DRILL", "property": "rain", "hours": "3", "mm": "1"}
    with started(tmp_path / "data") as node:
        assert node.post("/api/alerts/recipients/150722", OFFICER, {"recipients": [{"actor": "T.1"}]}).status_code == 201
        assert node.post("/api/alerts/observations", Post("B.W", "SECT.weather"), reading).status_code == 201
        for name, words, came in (
            ("DR-1", ("--from-log",), ["G-DRILL"]),
            ("DR-2", ("--from-log", "--at", "alerts:1"), []),
            ("DR-3", (), None),
        ):
            made = commanded(node.folder, "drill", "make", name, *words)
            assert made.returncode == 0, made.stderr
            path = node.folder / "drills" / name / "observations.db"
            assert path.exists() == (came is not None)
            if came is not None:
                with closing(ObservationStore(File(path))) as store:
                    assert [kept.station for _, kept in store.since(0)] == came
