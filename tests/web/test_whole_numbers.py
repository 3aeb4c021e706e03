"""A count is a whole number: nothing else is taken for one, wherever in a body it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.resources.deciders.requests.commands import SubmitRequest
from services.resources.deciders.stock.commands import ReceiveLot
from shared.web.commands import body_of


@pytest.mark.parametrize("count", [True, "12", 1.5, 2**60])
def test_what_is_no_whole_number_is_refused(count: Any) -> None:
    lot = {"store": "WH-MD", "item": "WATER", "lot": "L-1"}
    for kind, said in ((ReceiveLot, lot | {"qty": count}), (SubmitRequest, {"request": "SR-1", "items": {"WATER": count}})):
        with pytest.raises(ValidationError):
            body_of(kind).model_validate_json(json.dumps(said))
    assert body_of(SubmitRequest).model_validate_json('{"request": "SR-1", "people": 3, "items": {"WATER": 12}}')
