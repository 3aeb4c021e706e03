"""The Faust importer into an inbox in PostgreSQL, against a bare Faust agent that counts what the same topic holds."""

from __future__ import annotations

import subprocess
import sys

from bench.cluster.stores import filled, kafka, postgres, shared_folder
from bench.figures import Figure, Scale, rates
from shared.runtime.importing import MANY


def run(scale: Scale) -> list[Figure]:
    """Both in processes of their own, in turn, on one full topic after the other: the most that is ever left to Faust."""
    count = scale.of(MANY - 1, 2_000)
    found = []
    with shared_folder() as place, postgres(place) as server, kafka(place) as broker:
        for n in range(scale.runs):
            topic = f"150000.import{n}"
            filled(broker, place / f"{n}.db", topic, count).close()
            given = (broker.bootstrap, topic, str(count), str(place))
            found.append((_rate("ours", *given, server.fresh_database()), _rate("bare", *given)))
    return [rates("Faust importer into PostgreSQL, against a bare Faust agent", "events/s", found, 0.5)]


def _rate(which: str, *given: str) -> float:
    """Records a second, from the first one given to the agent until the last was dealt with."""
    asked = [sys.executable, "-m", "bench.cluster.taking", which, *given]
    return float(subprocess.run(asked, stdout=subprocess.PIPE, check=True, timeout=600).stdout.splitlines()[-1])
