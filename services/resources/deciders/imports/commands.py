"""What is asked of many lines at once: all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.resources.events.goods import Source
from shared.kernel.commands import Command, Opaque, PublicId


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of `ReceiveMany`, as `ReceiveLot` has it: `damaged` comes on top of `qty`."""

    store: PublicId
    item: PublicId
    lot: PublicId
    qty: int
    unit: str | None = None
    expires: date | None = None
    position: str | None = None
    damaged: int = 0
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMany(Command):
    """Up to 10,000 lines of goods came into stores: received as one, all or nothing, once for the same content. Bought, delivered under an
    agreement, or there when the books were opened; what comes otherwise has a command of its own. `damaged` comes on top of `qty`."""

    lines: tuple[ReceiptLine, ...]
    source: Source = Source.PURCHASE
    cause: str = ""  # the document of every line that names none
    name: str = ""  # of the file
    digest: Opaque = ""  # of what was sent; made by the edge
    content: Opaque | None = None  # the blob of what was read; made by the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImportLine(Command):
    """One line of a file is taken back by its opposite, the others stay; refused when anything of it was moved since."""

    file: PublicId
    line: int  # from 1, as GetStockFile numbers them
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImport(Command):
    """All lines of a file that were not taken back yet are, by their opposites; refused as a whole when anything of it was moved since."""

    file: PublicId
    reason: str = ""
