"""What a refusal tells to do can be done where it is told, and names fields as they are sent."""

from __future__ import annotations

from services.resources.deciders.incident import not_open
from services.resources.deciders.purposes import unknown_purpose
from shared.blocks.money import unreferenced
from shared.handling.guard import unfit_texts
from tests.resources.agreements.contracts import sign
from tests.resources.world import RULES


def test_a_field_is_named_as_it_is_sent():
    assert [fault.field for fault in unfit_texts(sign(with_="no id!"))] == ["with"]
    assert [fault.field for fault in unfit_texts(sign(with_="13800138000"))] == ["with"]


def test_nobody_but_who_asks_for_goods_is_told_to_place_them_ahead():
    assert not_open(None, {})[0].cure == "name the incident: register it"
    assert not_open("INC-9", {}, ", or wait")[0].cure == "INC-9 is not open: register it, or wait"


def test_a_purpose_is_told_apart_from_what_a_thing_is_for():
    (fault,) = unknown_purpose("dike", "requisition", RULES)
    assert "requisition.owner" in fault.cure and "`use`" in fault.cure


def test_a_reference_that_is_none_is_answered_with_what_one_looks_like():
    for said in ("DOC-7", f"sha256:{'a' * 64}"):
        (fault,) = unreferenced(said, "document")
        assert fault.field == "document" and "64 signs" in fault.cure and "150722.resources:17" in fault.cure
    assert not unreferenced("150722.resources:17", "document") and not unreferenced("a" * 64, "document")
