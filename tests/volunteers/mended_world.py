"""How the tests of mended call-ups and hours speak: offered, accepted, clocked in and out, refused by a rule."""

from __future__ import annotations

from typing import Any

import pytest

from services.volunteers.deciders.callups.commands import (
    AnswerCallUp,
    OfferCallUp,
)
from services.volunteers.deciders.hours.commands import CheckIn, CheckOut
from services.volunteers.events.callup import Answer
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError
from tests.volunteers.callup_world import (
    BANNER,
    LEAD,
    LINES,
    OFF,
    Stage,
    at,
    vol,
    volunteer,
)

END = "2021-07-31T23:59:59+08:00"
APPROVER = Signature("B.APP", ("EMD.approver",), BANNER, 3)
LEADER = Signature("TL.1", ("TEAM",), BANNER, 3)
SAID: dict[str, Any] = {"incident": "INC-1", "task": "x", "risk_text": 1, "from_": at("08:00", 19), "to": at("20:00", 19), "lines": LINES}


def staged() -> Stage:
    made = Stage()
    for name in ("V-A", "V-B", "V-C"):
        volunteer(made, name)
    return made


def offer(stage: Stage, call_up: str = "CU-1", by: Signature = OFF, **said: Any) -> None:
    stage.do(OfferCallUp(**{"by": by, "now": at("19:00"), "call_up": call_up, **SAID, **said}))


def accept(stage: Stage, name: str = "V-A", call_up: str = "CU-1", **said: Any) -> Any:
    by = LEADER if name.startswith("SF") else vol(name)
    whole = {"by": by, "now": at("19:10"), "call_up": call_up, "answer": Answer.ACCEPT, "risk_text": 1, **said}
    return stage.do(AnswerCallUp(**whole)).answer


def refused(stage: Stage, command: Any, kind: type[DomainError], rule: str) -> None:
    with pytest.raises(kind) as found:
        stage.do(command)
    assert rule in [fault.rule for fault in found.value.failures], found.value.failures


def clock_in(stage: Stage, name: str = "V-A", now: Any = None, **said: Any) -> None:
    stage.do(CheckIn(**{"by": LEAD, "now": now or at("08:00", 19), "people": (name,), **said}))


def clock_out(stage: Stage, name: str = "V-A", now: Any = None, **said: Any) -> None:
    stage.do(CheckOut(**{"by": LEAD, "now": now or at("16:00", 19), "people": (name,), **said}))


def parties(stage: Stage, call_up: str = "CU-1") -> dict[str, Any]:
    return dict(stage.state(f"callup-{call_up}").parties)
