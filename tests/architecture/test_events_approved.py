"""The stored format is for ever: every event's shape is approved, and a change of one shows in the diff.

A new event or an optional field with a default: `make approve`. Anything else: a new version (`.v2`) with an upcaster.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from importlib import import_module
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from shared.kernel.events import registered
from tests.architecture.house import ROOT, module, sources

APPROVED = ROOT / "tests/architecture/approved/events.json"


@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    for path in sources("services"):
        if ".events" in module(path):
            import_module(module(path))
    services = {path.name for path in (ROOT / "services").iterdir()}
    found = {name: shape(cls) for name, cls in registered() if name.partition(".")[0] in services}
    if os.environ.get("ORTOO_APPROVE") == "1":
        APPROVED.parent.mkdir(exist_ok=True)
        APPROVED.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def approved(shapes) -> dict[str, Any]:
    return json.loads(APPROVED.read_text(encoding="utf-8"))


def shape(cls: type) -> Any:
    """Fields, types and defaults of an event; names of classes may change freely and are not part of it."""
    return json.loads(json.dumps(_described(inspect.type_info(cls))))


def _described(kind: inspect.Type) -> Any:
    match kind:
        case inspect.DataclassType(fields=fields) | inspect.StructType(fields=fields):
            return {field.encode_name: _field(field) for field in fields}
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return {"many": _described(item)}
        case inspect.TupleType(item_types=items):
            return {"each": [_described(item) for item in items]}
        case inspect.UnionType(types=types):
            return {"either": sorted((_described(one) for one in types), key=json.dumps)}
        case inspect.DictType(key_type=key, value_type=value):
            return {"keys": _described(key), "values": _described(value)}
        case inspect.EnumType(cls=enum):
            return {"one of": sorted(str(member.value) for member in enum)}
        case inspect.LiteralType(values=values):
            return {"one of": sorted(str(value) for value in values)}
        case _:
            return type(kind).__name__.removesuffix("Type").lower()


def _field(field: inspect.Field) -> Any:
    kind = _described(field.type)
    if field.required:
        return kind
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return {"type": kind, "default": msgspec.to_builtins(default)}


def test_no_stored_name_is_ever_taken_away(shapes, approved):
    assert not set(approved) - set(shapes)


def test_every_stored_shape_is_the_approved_one(shapes, approved):
    changed = [name for name in shapes if approved.get(name) != shapes[name]]
    assert not changed, f"not approved: {changed}; see the head of {__file__}"


def test_the_approved_file_would_notice_a_changed_field():
    before = msgspec.defstruct("Fact", [("at", str), ("count", int)])
    after = msgspec.defstruct("Fact", [("at", str), ("count", str)])
    renamed = msgspec.defstruct("Other", [("at", str), ("count", int)])
    timed = msgspec.defstruct("Fact", [("at", datetime), ("count", int)])
    optional = msgspec.defstruct("Fact", [("at", str), ("count", int, 0)])
    assert len({json.dumps(shape(cls)) for cls in (before, after, timed, optional)}) == 4
    assert shape(before) == shape(renamed)
