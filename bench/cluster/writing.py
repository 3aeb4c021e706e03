"""One of several writers of a log, with its clients; says `ready`, waits for a line, says `done`.

`python -m bench.cluster.writing DSN COUNT NAME FOLDER`
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.commands import LOG, commands
from bench.node import opened
from shared.eventlog.postgres import PostgresLog


def main(dsn: str, count: str, name: str, place: str) -> None:
    node = opened(Path(place))
    log = PostgresLog(dsn, LOG)
    print("ready", flush=True)
    sys.stdin.readline()
    commands(log, node.directory, int(count), name)
    print("done", flush=True)
    node.host.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
