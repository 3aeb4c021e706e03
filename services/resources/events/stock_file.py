"""Many lines received as one: a file, or a body of lines. Its digest is its key, so it counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.resources.events.goods import Source
from shared.kernel.events import event


@dataclass(frozen=True, slots=True)
class FileLine:
    """What a line became: the version of its receipt on the stock, which an undo names."""

    store: str
    item: str
    lot: str
    version: int
    good: int
    apart: int
    position: str | None


@event("resources.stock_file.received.v1")
@dataclass(frozen=True, slots=True)
class StockFileReceived:
    """All of its lines were received in one act (`StockReceived` on each stock)."""

    file: str
    digest: str  # of what was sent
    content: str | None  # the blob of what was read of it; None: it came as lines
    name: str
    source: Source
    lines: int
    stores: tuple[str, ...]
    division: str | None
    by: str
    at: datetime


@event("resources.guard.stock_file_lines.v1")
@dataclass(frozen=True, slots=True)
class StockFileLines:
    """Some hundred of its lines, so that it can be taken back."""

    file: str
    lines: tuple[FileLine, ...]


@event("resources.stock_file.undone.v1")
@dataclass(frozen=True, slots=True)
class StockFileUndone:
    """Every line was taken back (`StockReversed` on each stock)."""

    file: str
    lines: int
    reason: str
    by: str
    at: datetime


@event("resources.stock_file.line_undone.v1")
@dataclass(frozen=True, slots=True)
class StockFileLineUndone:
    """One of its lines was taken back by its opposite (`StockReversed` on its stock, which names the receipt); the others stay."""

    file: str
    line: int  # from 1, as they stood in the file
    reason: str
    by: str
    at: datetime


StockFileEvent = StockFileReceived | StockFileLines | StockFileUndone | StockFileLineUndone
