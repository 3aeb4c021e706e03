"""What was carried of a log, read by position like the log itself: from its topic, or from a file that `ortoo log export` wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from shared.kernel.envelope import Recorded, carried
from shared.kernel.errors import Unreadable

CHUNK = 1_000


class Records(Protocol):
    """Records in the order in which they were written, each with its offset; `shared.kafka.ports.Topic` is one."""

    name: str

    def bounds(self) -> tuple[int, int]: ...
    def read(self, offset: int, limit: int) -> list[tuple[int, bytes]]: ...


class Carried:
    """A feed over records, some of which may come twice, and between which may lie what is none of the log's: the chain tells."""

    def __init__(self, records: Records, progress: Callable[[int], None] = lambda _: None) -> None:
        self.name = records.name
        self._records, self._progress = records, progress
        self._since: int | None = None  # what is kept follows this position; None: nothing was read
        self._kept: list[Recorded] = []
        self._offset = 0

    def read(self, after: int, limit: int = CHUNK) -> list[Recorded]:
        """The position is looked for from the first record on, unless it follows what was read before."""
        begin, end = self._records.bounds()
        if self._since is None or after < self._since:
            self._offset, self._kept = begin, []
        self._since = after
        self._kept = [recorded for recorded in self._kept if recorded.position > after]
        while not self._kept and self._offset < end:
            batch = self._records.read(self._offset, CHUNK)
            self._offset = batch[-1][0] + 1 if batch else self._offset + CHUNK
            self._kept = [recorded for recorded in self._ours(batch) if recorded.position > after]
            self._progress(self._offset)
        return self._kept[:limit]

    def _ours(self, batch: Sequence[tuple[int, bytes]]) -> list[Recorded]:
        found = []
        for _, value in batch:
            with suppress(Unreadable):
                found.append(carried(self.name, value))
        return found


class Export:
    """The file of `ortoo log export`: one CloudEvent a line; an offset is a place in the file."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def bounds(self) -> tuple[int, int]:
        return 0, self.path.stat().st_size

    def read(self, offset: int, limit: int) -> list[tuple[int, bytes]]:
        """The lines that begin at the offset or after it."""
        found: list[tuple[int, bytes]] = []
        with self.path.open("rb") as file:
            if offset:
                file.seek(offset - 1)
                file.readline()
            while len(found) < limit:
                begin = file.tell()
                line = file.readline()
                if not line:
                    break
                found.append((begin, line.rstrip(b"\n")))
        return found
