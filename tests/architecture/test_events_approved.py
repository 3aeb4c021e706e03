"""The stored format is for ever: every event's shape is approved, and a change of one shows in the diff.

A new event or an optional field with a default: `make approve`. Anything else: a new version (`.v2`) with an upcaster.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import Any

import msgspec
import pytest

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
    """The JSON schema of an event without names and descriptions of classes, which may change freely."""
    (schema,), parts = msgspec.json.schema_components([cls], ref_template="{name}")
    return _inlined(schema, parts)


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"]], parts)
    plain = {key: value for key, value in schema.items() if key not in {"title", "description"} or not isinstance(value, str)}
    return {key: _inlined(value, parts) for key, value in plain.items()}


def test_no_stored_name_is_ever_taken_away(shapes, approved):
    assert not set(approved) - set(shapes)


def test_every_stored_shape_is_the_approved_one(shapes, approved):
    changed = [name for name in shapes if approved.get(name) != shapes[name]]
    assert not changed, f"not approved: {changed}; see the head of {__file__}"


def test_the_approved_file_would_notice_a_changed_field():
    before = msgspec.defstruct("Fact", [("at", str), ("count", int)])
    after = msgspec.defstruct("Fact", [("at", str), ("count", str)])
    renamed = msgspec.defstruct("Other", [("at", str), ("count", int)])
    assert shape(before) != shape(after)
    assert shape(before) == shape(renamed)
