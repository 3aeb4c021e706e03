"""One accepted example of every command of stocktakes and files of lines; after `stock_tour`, with goods of its own."""

from __future__ import annotations

from collections.abc import Iterator

from services.resources.deciders.imports import commands as i
from services.resources.deciders.imports.state import file_of
from services.resources.deciders.photo import KeepPhoto
from services.resources.deciders.stocktakes import commands as c
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA = "150722"
KEEPER, SECOND = (Signature(post, ("WHK",), AREA, 3) for post in ("W.MD1", "W.MD2"))
DIGEST = "c0ffee" * 10 + "0000"


def counting_tour(desk: Desk) -> Iterator[Command]:
    """A photo kept; a file received, counted, taken back; a stocktake posted, another cancelled."""
    signed = {"by": KEEPER, "now": desk.now}
    yield KeepPhoto(**signed, photo=DIGEST, size=90_000)
    lines = tuple(i.ReceiptLine("WH-MD", "QUILT", f"CT-QUILT-{n}", 10 * n) for n in (1, 2))
    yield i.ReceiveMany(**signed, lines=lines, cause="DN-9", name="july.xlsx", digest=DIGEST)
    yield c.OpenStocktake(**signed, stocktake="ST-1", store="WH-MD", items=("QUILT",))
    yield c.CountLine(**signed, stocktake="ST-1", lot="CT-QUILT-1", qty=9)
    yield c.CountMany(**signed, stocktake="ST-1", lines=(c.Counted("CT-QUILT-1", 10), c.Counted("CT-QUILT-2", 20)))
    yield c.CloseCount(**signed, stocktake="ST-1")
    yield c.PostStocktake(**signed, cosigner=SECOND, stocktake="ST-1", reason="counted twice")
    yield c.OpenStocktake(**signed, stocktake="ST-2", store="WH-MD")
    yield c.CancelStocktake(**signed, stocktake="ST-2", reason="flood")
    yield i.UndoImportLine(**signed, file=file_of(DIGEST), line=2, reason="it came twice")
    yield i.UndoImport(**signed, file=file_of(DIGEST), reason="another store's list")
