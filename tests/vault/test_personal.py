"""A personal value shows nothing of itself, however it is handled."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass
from typing import Any, cast

import msgspec
import pytest
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError

from shared.vault.personal import Personal

SECRET = "13800138000"
VALUE = Personal(SECRET)


@dataclass
class Holder:
    phone: Personal[str]


@pytest.mark.parametrize(
    "shown",
    [
        lambda: str(VALUE),
        lambda: repr(VALUE),
        lambda: f"{VALUE} {VALUE!r} {VALUE:>40}",
        lambda: "".join(map(str, [VALUE])),
        lambda: repr({"phone": [VALUE]}),
        lambda: repr(Holder(VALUE)),
        lambda: logging.makeLogRecord({"msg": "%s", "args": (VALUE,)}).getMessage(),
        lambda: "".join(traceback.format_exception(ValueError(VALUE))),
    ],
)
def test_it_prints_nothing(shown):
    assert "•••" in shown() and SECRET not in shown()


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    phone: Personal


@pytest.mark.parametrize(
    "taken",
    [
        lambda: json.dumps(VALUE),
        lambda: msgspec.json.encode(VALUE),
        lambda: msgspec.msgpack.encode({"phone": VALUE}),
        lambda: msgspec.to_builtins(Holder(VALUE)),
        lambda: pickle.dumps(VALUE),
        lambda: copy.copy(VALUE),
        lambda: copy.deepcopy({"phone": VALUE}),
        lambda: asdict(Holder(VALUE)),
        lambda: jsonable_encoder(VALUE),
        lambda: Model(phone=VALUE).model_dump_json(),
        lambda: hash(VALUE),
        lambda: vars(VALUE),
        lambda: list(cast(Any, VALUE)),
        lambda: bytes(cast(Any, VALUE)),
    ],
)
def test_it_is_not_encoded_copied_or_taken_apart(taken):
    with pytest.raises((TypeError, ValueError, PydanticSerializationError)) as refused:
        taken()
    assert SECRET not in str(refused.value)


def test_only_reveal_gives_it_out():
    assert VALUE.reveal() == SECRET and Personal(b"\xff").reveal() == b"\xff"
    assert Personal(SECRET) == VALUE and Personal("1") != VALUE and VALUE != SECRET and Personal("a") != Personal(b"a")
    assert bool(VALUE) and not Personal("")


def test_only_texts_and_bytes_are_personal():
    with pytest.raises(TypeError):
        Personal(cast(Any, 13800138000))
