"""Kilometres of volunteers: by the tariff of who pays, else by that of the rules; many of them are proved."""

from __future__ import annotations

from services.compensation.deciders.tariff import SetTariff
from tests.compensation.world import ACCOUNT, FIN, NOW, Town, assess, claim, july, minutes, money


def test_kilometres_of_volunteers_are_paid_by_tariff():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 7)))
    assert town.do(claim(km=money("20"), account=ACCOUNT)).answer == {"missing": []}
    (fact, *_) = town.do(assess()).events
    assert [(line.code, str(line.quantity), str(line.rate)) for line in fact.lines] == [
        ("full_day", "1", "120.00"),
        ("km", "20.00", "1.50"),
    ]
    assert str(fact.computed) == "150.00"


def test_a_rate_that_the_division_did_not_set_is_that_of_the_rules():
    town = Town()
    said = {"full": money("200"), "half": money("100"), "full_from_h": money("6")}
    town.do(SetTariff(by=FIN, now=NOW, division="150722", tariff="volunteer_day", since=july(1), source="notice", **said))
    town.settled("V-A", minutes("V-A", (18, 7)))
    town.do(claim(km=money("20")))
    assert str(town.do(assess()).events[0].computed) == "230.00"


def test_many_kilometres_are_proved():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 7)))
    assert town.do(claim(km=money("500.01"), account=ACCOUNT)).answer == {"missing": ["vehicle_log"]}
