"""What was received as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from services.resources.events.goods import Source
from services.resources.events.stock_file import (
    FileLine,
    StockFileEvent,
    StockFileLines,
    StockFileLineUndone,
    StockFileReceived,
    StockFileUndone,
)
from shared.kernel.decider import About

NEW, RECEIVED, UNDONE = "", "received", "undone"
NAMED = 32  # of the hexadecimal digits of a digest


@dataclass(frozen=True, slots=True)
class Imported:
    """A file; taken back, whole or line by line, it may be received again."""

    status: str = NEW
    source: Source = Source.PURCHASE
    division: str | None = None
    lines: tuple[FileLine, ...] = ()
    undone: frozenset[int] = frozenset()  # the numbers of lines that were taken back


def evolve(known: Imported, event: StockFileEvent) -> Imported:
    """The file after the event."""
    match event:
        case StockFileReceived():
            return Imported(RECEIVED, event.source, event.division)
        case StockFileLines():
            return replace(known, lines=(*known.lines, *event.lines))
        case StockFileUndone():
            return Imported(UNDONE, known.source, known.division)
        case StockFileLineUndone(line=line):
            undone = known.undone | {line}
            over = len(undone) == len(known.lines)
            return Imported(UNDONE, known.source, known.division) if over else replace(known, undone=undone)
        case _:
            assert_never(event)


def about(known: Imported) -> About:
    """Internal to the organs of the stores' owner."""
    return About(known.division)


def file_of(digest: str) -> str:
    """The id of what has this digest."""
    return digest[:NAMED]
