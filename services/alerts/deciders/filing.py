"""What a government of a county or above orders is put on record with the congress desk of its level (ERL art. 25; domain 2.4 OF-01)."""

from __future__ import annotations

from datetime import datetime

from shared.blocks.clocks import Due
from shared.blocks.working_days import working_days
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken

FILE = "K-21"  # the key of its clock, and its rule


def filing(now: datetime, rules: Rules) -> Due:
    """By when it is filed."""
    return Due(FILE, FILE, now, working_days(now, rules.value(FILE)["working_days"], rules))


def desk_of(named: str | None, rules: Rules) -> str:
    """The desk named, else the one the place has set."""
    desk: str = named or rules.value("order.desk")
    if not desk:
        raise RuleBroken(Failure("ERL-25", "name the desk it is filed with", "desk"))
    return desk
