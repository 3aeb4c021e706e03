"""What is shown is what was decided: the list of claims against the claims themselves, after every command there is."""

from __future__ import annotations

from decimal import Decimal

from services.compensation.projections import claims, records
from services.compensation.service import COMPENSATION
from shared.handling.pending import Answer
from tests.compensation.world import RULES
from tests.handling.desk import Desk
from tests.handling.tour_compensation import compensation_tour


def test_the_list_is_the_fold_of_the_log(tmp_path):
    desk = Desk(tmp_path / "log", COMPENSATION, rules_for=lambda *_: RULES, may=lambda *_: "test")
    reader = desk.reader()
    seen = set()
    for command in compensation_tour(desk):
        answer = desk.do(command)
        assert isinstance(answer, Answer) and answer.events, answer
        seen.add(type(command).__name__)
        while reader.step():
            pass
        _same(desk, reader.database.look())
    assert seen == set(COMPENSATION.commands)


def _same(desk, db):
    facts = {}
    for recorded in desk.events:
        stream = recorded.envelope.streamid
        if stream.startswith("claim-"):
            facts.setdefault(stream.removeprefix("claim-"), []).append(recorded.event)
    shown = {row["claim"]: row for row in claims.listed(db, before=None, limit=500)}
    assert shown.keys() == facts.keys()
    for name, past in facts.items():
        claim, row = COMPENSATION.decider_of(f"claim-{name}").fold(past), shown[name]
        assert row["state"] == claim.status, name
        assert (row["decided"] and Decimal(row["decided"])) == claim.decided, name
        assert (Decimal(row["paid"]), row["payer"], bool(row["final"])) == (claim.paid, claim.payer, claim.final), name
        assert row["way"] == ("account" if claim.account else None), name
        assert set(claims.shown(row)["dues"]) == {due.key for due in claim.clocks.open()}, name
        assert (row["division"], row["tariff"], bool(row["differs"])) == (claim.division, claim.tariff, claim.differs), name


def test_the_record_shows_what_call_ups_came_to_and_the_tariffs(tmp_path):
    desk = Desk(tmp_path / "log", COMPENSATION, rules_for=lambda *_: RULES, may=lambda *_: "test")
    for command in compensation_tour(desk):
        desk.do(command)
    reader = desk.reader()
    while reader.step():
        pass
    db = reader.database.look()
    assert [(row["incident"], row["minutes"]) for row in records.settled(db, "V-A")] == [("INC-1", 240)]
    assert records.tariffs(db)[0]["rates"] == {"full": "120", "half": "60", "full_from_h": "6"}
    assert claims.led_by(db, "TL.1") == {"SF-1"} and claims.led_by(db, "V-A") == claims.merged(db, "V-A") == {"V-Z"}
