"""What was carried of a log, in the order in which it was written: to its topic, or to a file by `ortoo log export`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    """Records as they were written: some may come twice, and between them may lie what is none of the log's. The chain tells."""

    def __init__(self, records: Records, progress: Callable[[int], None] = lambda _: None) -> None:
        self.name = records.name
        self._records, self._progress = records, progress

    def walk(self, after: int) -> Iterator[list[Recorded]]:
        """Everything that says it lies beyond a position, from the first record to the last there is now."""
        offset, end = self._records.bounds()
        while offset < end:
            batch = self._records.read(offset, CHUNK)
            offset = batch[-1][0] + 1 if batch else offset + CHUNK
            yield [recorded for recorded in self._ours(batch) if recorded.position > after]
            self._progress(offset)

    def _ours(self, batch: Sequence[tuple[int, bytes]]) -> Iterator[Recorded]:
        for _, value in batch:
            with suppress(Unreadable):
                yield carried(self.name, value)


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
