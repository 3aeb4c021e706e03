"""What was told of thresholds that were crossed and are not cured."""

from __future__ import annotations

from typing import Any

from services.resources.events.notice import NoticeCured, NoticeRaised
from shared.handling.declare import Rows, Table
from shared.handling.timers import utc
from shared.kernel.envelope import Envelope
from shared.sql.ports import Connection

TOLD = Table(
    "notice_told",
    key=("store", "item", "kind"),
    columns={"store": "TEXT NOT NULL", "item": "TEXT NOT NULL", "kind": "TEXT NOT NULL", "at": "TEXT NOT NULL"},
)


class Notices:
    """Builds what `ListNotices` cannot count from what there is: when somebody was told."""

    tables: tuple[Table, ...] = (TOLD,)
    listens: tuple[str, ...] = ("resources.notice.raised", "resources.notice.cured")

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        match event:
            case NoticeRaised():
                rows.put(TOLD, store=event.store, item=event.item, kind=event.kind.value, at=utc(event.at))
            case NoticeCured():
                rows.delete(TOLD, event.store, event.item, event.kind.value)


def told(db: Connection) -> dict[tuple[str, str, str], str]:
    """When what is not cured was told: by store, item and kind."""
    return {(row["store"], row["item"], row["kind"]): row["at"] for row in db.execute("SELECT store, item, kind, at FROM notice_told")}
