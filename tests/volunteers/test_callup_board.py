"""The board of a call-up says what its decider knows, whatever happens in whichever order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.volunteers.deciders.callups import commands as ask
from services.volunteers.events.callup import Answer
from services.volunteers.projections.callups import CALLUP, PARTY, CallUps
from shared.handling.declare import Table
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import DomainError
from shared.kernel.events import family, type_of
from tests.volunteers.callup_world import BANNER, HQ, ICP, LINES, OFF, SYS, Stage, at, force, vol, volunteer
from tests.volunteers.mended_world import END, LEADER, SAID

NAMES = ("V-A", "V-B", "V-C")


class Rows:
    """Rows in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, tuple[Any, ...]], dict[str, Any]] = {}

    def get(self, table: Table, *key: Any) -> dict[str, Any] | None:
        return self.kept.get((table.name, key))

    def put(self, table: Table, **row: Any) -> None:
        assert set(row) == set(table.columns)
        self.kept[(table.name, tuple(row[name] for name in table.key))] = row

    def change(self, table: Table, *key: Any, **changed: Any) -> None:
        if (table.name, key) in self.kept:
            self.kept[(table.name, key)] |= changed

    def delete(self, table: Table, *key: Any) -> None:
        self.kept.pop((table.name, key), None)


def _speaks(name: str) -> Signature:
    return LEADER if name == "SF-1" else vol(name)


def _command(kind: int, name: str) -> Command:
    own: dict[str, Any] = {"now": at("19:30"), "call_up": "CU-1"}
    asked: dict[str, Any] = {"volunteers": (name,)} if name != "SF-1" else {"force": name}
    many: list[Command] = [
        ask.OfferCallUp(by=OFF, **own, **asked, **SAID, quota=2),
        ask.OfferCallUp(by=OFF, **own, **asked, **SAID),
        ask.OrderCallUp(by=HQ, **own, force="SF-2", from_=SAID["from_"], to=SAID["to"], lines=LINES),
        ask.AnswerCallUp(by=_speaks(name), **own, answer=Answer.ACCEPT, risk_text=1),
        ask.AnswerCallUp(by=_speaks(name), **own, answer=Answer.DECLINE),
        ask.StayOnReserve(by=_speaks(name), **own),
        ask.WithdrawFromCallUp(by=_speaks(name), **own),
        ask.DepartForHost(by=_speaks(name), **own),
        ask.EscalateCallUpClock(by=SYS, now=at("20:30"), call_up="CU-1", key=f"answer.{name}"),
        ask.AcceptHostCommand(by=ICP, **own),
        ask.StandDown(by=HQ, **own),
    ]
    return many[kind]


@given(st.lists(st.tuples(st.integers(0, 10), st.sampled_from((*NAMES, "SF-1"))), max_size=25))
@settings(max_examples=120, deadline=None)
def test_the_board_agrees_with_the_decider(steps: list[tuple[int, str]]) -> None:
    stage, rows, board = Stage(), Rows(), CallUps()
    for name in NAMES:
        volunteer(stage, name)
    force(stage, "SF-1", BANNER, "TL.1", ("M-1", "M-2"), END)
    force(stage, "SF-2", BANNER, "TL.2", ("M-3",), END, contract_with=BANNER)
    for kind, name in [(0, "V-A"), *steps]:
        try:
            stage.do(_command(kind, name))
        except DomainError:
            continue
    place: Any = SimpleNamespace(position=1, division=BANNER, visibility="internal")
    for stream, fact in stage.log:
        if stream == "callup-CU-1" and family(type_of(fact)) in board.listens:
            board.apply(rows, fact, place)
    known, row = stage.state("callup-CU-1"), rows.get(CALLUP, "CU-1")
    assert row is not None
    assert (row["state"], row["quota"], row["wave"]) == (known.status, known.quota, known.wave)
    assert (bool(row["filled"]), bool(row["host_accepted"])) == (known.filled, known.host_accepted)
    for party in known.parties.values():
        told = rows.get(PARTY, "CU-1", party.holder)
        assert told is not None
        assert (told["state"], bool(told["is_force"]), bool(told["ordered"])) == (party.status, party.force, party.ordered)
        assert (None if told["fit"] is None else bool(told["fit"])) == party.fit
        assert (told["zone"], told["people"]) == (party.zone, party.people)
        assert tuple(msgspec.json.decode(told["members"])) == party.members and tuple(msgspec.json.decode(told["gone"])) == party.left
        assert (told["days"] is None) == (party.revision == 0)
