"""What a refusal tells to do can be done where it is told, and names fields as they are sent."""

from __future__ import annotations

from services.resources.deciders.incident import not_open
from shared.handling.guard import unfit_texts
from tests.resources.agreements.contracts import sign


def test_a_field_is_named_as_it_is_sent():
    assert [fault.field for fault in unfit_texts(sign(with_="no id!"))] == ["with"]
    assert [fault.field for fault in unfit_texts(sign(with_="13800138000"))] == ["with"]


def test_nobody_but_who_asks_for_goods_is_told_to_place_them_ahead():
    assert not_open(None, {})[0].cure == "name the incident: register it"
    assert not_open("INC-9", {}, ", or wait")[0].cure == "INC-9 is not open: register it, or wait"
