"""At the writer: two operators and one lot at once, the same scan twice, and who may (domain 3.27)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from services.registry.provinces import province
from services.resources.deciders.stock import commands as c
from services.resources.deciders.streams import stock_stream
from services.resources.service import RESOURCES
from shared.eventlog.verify import verify
from shared.geo.divisions import Divisions
from shared.handling.pending import Answer
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken
from shared.rules.loading import PERMISSIONS
from shared.web.permissions import Permissions
from tests.handling.desk import Desk
from tests.handling.tour_resources_masters import masters_tour
from tests.handling.tour_resources_stock import KEEPER, SECOND, stock_tour
from tests.resources.world import RULES

ROWS = Permissions.load((Path(__file__).parents[3] / "services/resources/rules" / PERMISSIONS).glob("*.toml"))
TREE = Divisions(province("150000").units)


def may(command: str, by: Signature, areas: tuple[str, ...] | None) -> str:
    return ROWS.require(command, by, areas, TREE)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, RESOURCES, rules_for=lambda *_: RULES, may=may)
    for command in masters_tour(made):
        assert isinstance(made.do(command), Answer)
    return made


def receive(desk: Desk, lot: str = "L-1", qty: int = 100, by: Signature = KEEPER) -> c.ReceiveLot:
    return c.ReceiveLot(by=by, now=desk.now, store="WH-MD", item="WATER", lot=lot, qty=qty, cause="DN-1")


def issue(desk: Desk, qty: int, by: Signature = KEEPER) -> c.IssueStock:
    return c.IssueStock(by=by, now=desk.now, store="WH-MD", item="WATER", qty=qty, cause="INC-1")


def on_hand(desk: Desk) -> int:
    stream = stock_stream("WH-MD", "WATER")
    return int(RESOURCES.decider_of(stream).fold([one.event for one in desk.events if one.stream == stream]).on_hand("L-1"))


def test_every_command_on_goods_has_an_accepted_example(desk: Desk) -> None:
    for command in stock_tour(desk):
        assert isinstance(desk.do(command), Answer), (command, desk.results)
    assert verify(desk.log).fault is None


def test_of_two_who_take_the_last_of_a_lot_in_one_batch_one_is_told_what_is_left(desk: Desk) -> None:
    desk.do(receive(desk))
    first, second = desk.send(issue(desk, 60)), desk.send(issue(desk, 60, SECOND))
    desk.writer.step()
    assert isinstance(desk.results[first][-1], Answer)
    refusal = desk.results[second][-1]
    assert isinstance(refusal, RuleBroken)
    assert (refusal.rule, refusal.cure) == ("stock.nonneg", "WH-MD has available 40 of WATER, 60 are asked")
    assert on_hand(desk) == 40


def test_two_processes_that_take_the_last_of_a_lot_never_take_it_twice(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path, RESOURCES, rules_for=lambda *_: RULES, may=may)
    desk.do(receive(desk))
    answers = [one.do(issue(one, 60), id=UUID(int=900 + n)) for n, one in enumerate((desk, other))]
    assert [type(answer) for answer in answers] == [Answer, RuleBroken]
    assert on_hand(desk) == 40


def test_the_same_scan_twice_counts_once(desk: Desk) -> None:
    scan = receive(desk)
    first, again = desk.do(scan, id=UUID(int=77)), desk.do(scan, id=UUID(int=77))
    assert again.repeated
    assert first.position == again.position
    assert on_hand(desk) == 100


def test_the_answer_names_the_ledger_that_moved(desk: Desk) -> None:
    answer = desk.do(receive(desk))
    assert (answer.stream, answer.events[0]) == ("stock-WH-MD.WATER", "resources.stock.received.v1")


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        (Signature("W.MD9", ("WHK",), "150722", 3), Answer),  # another keeper of the owner
        (Signature("B.RSV", ("RSV",), "150722", 3), Answer),
        (Signature("W.AR", ("WHK",), "150721", 3), NotAllowed),
        (Signature("W.HL", ("WHK",), "150700", 2), NotAllowed),  # not even the city may, out of a store of the banner
        (Signature("W.RG", ("WHK",), "150000", 1), NotAllowed),
        (Signature("B.DUTY", ("EMD.duty",), "150722", 3), NotAllowed),
        (Signature("V-1", ("VOL",), "150722", 3), NotAllowed),
    ],
)
def test_goods_are_issued_by_the_keepers_of_the_owner(desk: Desk, by: Signature, kind: type) -> None:
    desk.do(receive(desk))
    answer = desk.do(issue(desk, 1, by))
    assert isinstance(answer, kind), answer
    if isinstance(answer, NotAllowed):
        assert answer.rule == "matrix.3.27"


def test_the_department_opens_the_books_but_issues_nothing(desk: Desk) -> None:
    officer = Signature("B.OFF", ("EMD.officer",), "150722", 3)
    assert isinstance(desk.do(receive(desk, by=officer)), Answer)
    assert isinstance(desk.do(issue(desk, 1, officer)), NotAllowed)


def test_the_second_person_has_the_right_too(desk: Desk) -> None:
    desk.do(receive(desk))

    def off(cosigner: Signature | None) -> Command:
        said = {"store": "WH-MD", "lot": "L-1", "qty": 1, "reason": "broken"}
        return c.WriteOff(by=KEEPER, now=desk.now, cosigner=cosigner, **said)

    for cosigner in (None, KEEPER, Signature("W.AR", ("WHK",), "150721", 3), Signature("B.GOV", ("GOV",), "150722", 3)):
        assert isinstance(desk.do(off(cosigner)), NotAllowed)
    assert isinstance(desk.do(off(SECOND)), Answer)


def test_a_recall_is_for_the_authority_of_the_lot_or_one_above(desk: Desk) -> None:
    desk.do(receive(desk))

    def recall(lot: str, role: str, division: str, level: int) -> Command:
        return c.RecallLot(by=Signature("X.1", (role,), division, level), now=desk.now, lot=lot, reason="notice")

    assert isinstance(desk.do(recall("L-1", "WHK", "150722", 3)), NotAllowed)
    assert isinstance(desk.do(recall("L-1", "RSV", "150721", 3)), NotAllowed)
    assert isinstance(desk.do(recall("L-9", "RSV", "150722", 3)), NotFound)
    assert isinstance(desk.do(recall("L-1", "MKT", "150000", 1)), Answer)


def test_what_names_an_unknown_store_is_not_found(desk: Desk) -> None:
    stranger = c.ReceiveLot(by=KEEPER, now=desk.now, store="WH-99", item="WATER", lot="L-1", qty=1, cause="DN-1")
    assert isinstance(desk.do(stranger), NotFound)
    said = {"loan": "LN-7", "store": "WH-99", "lots": {"L-1": 1}, "to": "150721"}
    assert isinstance(desk.do(c.LendStock(by=KEEPER, now=desk.now, **said)), NotFound)
    assert isinstance(desk.do(c.ReturnLoan(by=KEEPER, now=desk.now, loan="LN-7", lot="L-1", good=1)), NotFound)


def test_goods_are_lent_by_the_keepers_of_the_owner(desk: Desk) -> None:
    desk.do(receive(desk))
    said = {"loan": "LN-7", "store": "WH-MD", "lots": {"L-1": 1}, "to": "150721", "cause": "INC-1", "due_at": desk.now.replace(day=2)}
    assert isinstance(desk.do(c.LendStock(by=Signature("W.AR", ("WHK",), "150721", 3), now=desk.now, **said)), NotAllowed)
    assert isinstance(desk.do(c.LendStock(by=KEEPER, now=desk.now, **said)), Answer)


def test_an_id_that_is_no_public_id_is_refused(desk: Desk) -> None:
    refusal = desk.do(receive(desk, lot="L 1/张三"))
    assert isinstance(refusal, RuleBroken)
    assert refusal.rule == "id.pattern"
