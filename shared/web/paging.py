"""Pages of a list that show only what their reader may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query

from shared.web.call import Call, call

Caller = Annotated[Call, Depends(call)]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="`next` of the page before")]
Row = dict[str, Any]
PAGES = 20  # looked through for one page of what its reader may see


def page(
    listed: Callable[[int | None], list[Row]], wanted: Callable[[Row], bool], limit: int, before: int | None
) -> tuple[list[Row], int | None]:
    """A page of what its reader may see, newest first, and where the next begins. Looks through so many rows and no more."""
    items: list[Row] = []
    for _ in range(PAGES):
        rows = listed(before)
        for row in rows:
            before = row["position"]
            if wanted(row):
                items.append(row)
                if len(items) == limit:
                    return items, before
        if len(rows) < limit:
            return items, None
    return items, before
