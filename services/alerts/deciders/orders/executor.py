"""Who carries work out, and who never does: no order reaches troops, and volunteers are asked (MIL art. 7; VSR art. 25)."""

from __future__ import annotations

import re

from shared.kernel.decider import Rules
from shared.kernel.errors import Failure


def unfit(name: str | None, rules: Rules, field: str = "executor") -> list[Failure]:
    """A fault when a post or role is one that no work may be given to: by a whole part of its handle, or by a Chinese word."""
    if not name:
        return []
    parts = re.split(r"[^A-Za-z]+", name.upper())
    for row in rules.value("order.never"):
        mark = next((mark for mark in row["marks"] if mark in parts or (not mark.isascii() and mark in name)), None)
        if mark is not None:
            return [Failure(row["rule"], f"{mark} {row['cure']}", field)]
    return []
