"""Help over winter and spring is counted, assessed before the end of October, approved and filed (NDR art. 21)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from services.resources.deciders.relief import winter as w
from services.resources.events.winter import WinterNeedCounted
from shared.kernel.errors import RuleBroken, WrongState
from tests.resources.world import APP, AREA, GOV, SYS, Town


def on(month: int, day: int) -> datetime:
    return datetime.fromisoformat(f"2021-{month:02}-{day:02}T09:00:00+08:00")


def said(command: type[Any], now: datetime, **more: Any) -> Any:
    return command(**({"by": APP, "now": now, "division": AREA, "year": 2021} | more))


def counted() -> Town:
    town = Town()
    town.do(said(w.CountWinterNeed, on(9, 20), persons={"food": 120, "heating": 40}))
    return town


def test_the_year_goes_its_steps():
    town = counted()
    town.do(said(w.AssessWinterNeed, on(10, 20), finding="true"))
    town.do(said(w.ApproveWinterPlan, on(11, 20), by=GOV, amount=Decimal(12000)))
    town.do(said(w.FileWinterPlan, on(11, 21), document="filing 1"))
    assert town.state(f"winter-{AREA}.2021").status == "filed"
    assert town.state(f"winter-{AREA}.2021").clocks.open() == ()


def test_the_clock_strikes_as_october_ends():
    town = counted()
    first: WinterNeedCounted = town.past[f"winter-{AREA}.2021"][0]
    assert first.clocks[0].due_at == datetime.fromisoformat("2021-11-01T00:00:00+08:00")
    again = town.do(said(w.CountWinterNeed, on(10, 1), persons={"food": 130})).events[0]
    assert again.clocks == ()
    missed = w.EscalateWinterClock(by=SYS, now=on(11, 1), winter=f"{AREA}.2021", key="K-31")
    assert town.do(missed).events and not town.do(missed).events
    late = town.do(said(w.AssessWinterNeed, on(11, 2), finding="true"))
    assert (late.flags, late.events[0].late) == (("A-LATE",), True)


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (w.CountWinterNeed, {"persons": {}}),
        (w.CountWinterNeed, {"persons": {"food": -1}}),
        (w.CountWinterNeed, {"persons": {"food": 1}, "year": 0}),
    ],
)
def test_a_count_says_how_many_need_what_in_which_year(command: type[Any], more: dict[str, Any]):
    with pytest.raises(RuleBroken) as error:
        Town().do(said(command, on(9, 20), **more))
    assert error.value.rule == "NDR-21"


def test_each_step_names_what_it_rests_on():
    town = counted()
    for command, more in (
        (w.AssessWinterNeed, {"finding": "true"}),
        (w.ApproveWinterPlan, {"amount": Decimal(1)}),
        (w.FileWinterPlan, {"document": "filing 1"}),
    ):
        with pytest.raises(RuleBroken) as error:
            town.do(said(command, on(10, 20)))
        assert error.value.rule == "NDR-21"
        town.do(said(command, on(10, 20), **more))
    with pytest.raises(WrongState) as state:
        town.do(said(w.AssessWinterNeed, on(10, 20), finding="again"))
    assert state.value.rule == "winter.state"
