"""The registry of stored facts: names are for ever, old bytes are read today, what is unknown is never skipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from shared.kernel import events
from shared.kernel.errors import TooNew, Unreadable
from shared.kernel.events import decode, encode, event, family, registered, type_of, upcast


@dataclass(frozen=True, slots=True)
class Leg:
    account: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Measured:
    level: Decimal
    at: datetime
    legs: tuple[Leg, ...] = ()
    note: str | None = None


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """A registry of this test alone."""
    for name in ("_classes", "_names", "_upcasters"):
        monkeypatch.setattr(events, name, {})


def test_a_fact_is_stored_and_read_back_the_same():
    event("testing.level.measured.v1")(Measured)
    fact = Measured(Decimal("12.30"), datetime.fromisoformat("2021-07-18T02:00:00+08:00"), (Leg("a", Decimal("-0.10")),), "水位")
    assert decode(type_of(fact), encode(fact)) == fact


def test_a_decimal_keeps_its_digits():
    event("testing.level.measured.v1")(Measured)
    stored = encode(Measured(Decimal("12.30"), datetime.fromisoformat("2021-07-18T02:00:00+08:00")))
    assert b'"level":"12.30"' in stored
    assert str(decode("testing.level.measured.v1", stored).level) == "12.30"


def test_an_offset_is_kept():
    event("testing.level.measured.v1")(Measured)
    stored = encode(Measured(Decimal(1), datetime.fromisoformat("2021-07-18T02:00:00+08:00")))
    assert b"2021-07-18T02:00:00+08:00" in stored
    assert decode("testing.level.measured.v1", stored).at.utcoffset() == timedelta(hours=8)


def test_old_bytes_are_brought_to_todays_version_step_by_step():
    event("testing.level.measured.v3")(Measured)
    upcast("testing.level.measured.v1", "testing.level.measured.v2")(lambda old: {"level": old["cm"], "at": old["at"]})
    upcast("testing.level.measured.v2", "testing.level.measured.v3")(lambda old: old | {"note": "from v2"})
    read = decode("testing.level.measured.v1", b'{"cm":"12.30","at":"2021-07-18T02:00:00+08:00"}')
    assert read == Measured(Decimal("12.30"), datetime.fromisoformat("2021-07-18T02:00:00+08:00"), note="from v2")


def test_an_upcast_that_gives_no_whole_event_is_unreadable():
    event("testing.level.measured.v2")(Measured)
    upcast("testing.level.measured.v1", "testing.level.measured.v2")(lambda old: {})
    with pytest.raises(Unreadable):
        decode("testing.level.measured.v1", b"{}")


def test_a_known_family_in_an_unknown_version_is_too_new():
    event("testing.level.measured.v1")(Measured)
    with pytest.raises(TooNew):
        decode("testing.level.measured.v2", b"{}")


def test_an_upcast_into_a_version_not_known_yet_is_too_new():
    event("testing.level.measured.v1")(Measured)
    upcast("testing.level.measured.v2", "testing.level.measured.v3")(lambda old: old)
    with pytest.raises(TooNew):
        decode("testing.level.measured.v2", b"{}")


def test_an_unknown_family_is_unreadable_and_not_too_new():
    with pytest.raises(Unreadable) as found:
        decode("testing.nothing.known.v1", b"{}")
    assert not isinstance(found.value, TooNew)


@pytest.mark.parametrize("bytes_", [b"", b"not json", b"[]", b'{"level":"x","at":"2021-07-18T02:00:00Z"}', b'{"level":"1"}'])
def test_bytes_that_do_not_fit_are_unreadable(bytes_):
    event("testing.level.measured.v1")(Measured)
    with pytest.raises(Unreadable):
        decode("testing.level.measured.v1", bytes_)


def test_a_field_that_a_newer_release_added_does_not_hurt():
    event("testing.level.measured.v1")(Measured)
    stored = b'{"level":"1","at":"2021-07-18T02:00:00Z","later":true}'
    assert decode("testing.level.measured.v1", stored).level == 1


def test_a_stored_name_is_given_once():
    event("testing.level.measured.v1")(Measured)
    with pytest.raises(ValueError, match="taken"):
        event("testing.level.measured.v1")(Leg)


def test_a_class_of_the_same_name_elsewhere_does_not_take_a_stored_name():
    event("testing.level.measured.v1")(Measured)
    twin = dataclass(frozen=True)(type("Measured", (), {"__module__": "elsewhere", "__qualname__": "Measured", "__annotations__": {}}))
    with pytest.raises(ValueError, match="taken"):
        event("testing.level.measured.v1")(twin)


def test_a_class_has_one_stored_name():
    event("testing.level.measured.v1")(Measured)
    with pytest.raises(ValueError, match="already"):
        event("testing.level.gauged.v1")(Measured)


def test_an_old_version_has_one_upcaster():
    upcast("testing.level.measured.v1", "testing.level.measured.v2")(lambda old: old)
    with pytest.raises(ValueError, match="already"):
        upcast("testing.level.measured.v1", "testing.level.measured.v2")(lambda old: old)


@pytest.mark.parametrize("name", ["Measured", "testing.measured.v1", "testing.level.measured", "testing.level.x.v0", "Testing.level.x.v1"])
def test_a_stored_name_has_four_parts(name):
    with pytest.raises(ValueError, match="is not"):
        event(name)(Measured)


def test_an_event_is_frozen():
    with pytest.raises(TypeError, match="frozen"):
        event("testing.level.measured.v1")(dataclass(type("Loose", (), {"__annotations__": {"a": int}, "a": field(default=1)})))


def test_the_registry_lists_what_a_service_may_store():
    event("testing.level.measured.v1")(Measured)
    event("other.leg.made.v1")(Leg)
    assert list(registered("testing")) == [("testing.level.measured.v1", Measured)]
    assert dict(registered("other"))["other.leg.made.v1"] is Leg
    assert family("testing.level.measured.v12") == "testing.level.measured"


def test_stored_bytes_are_plain_json():
    event("testing.level.measured.v1")(Measured)
    stored = encode(Measured(Decimal("1.0"), datetime.fromisoformat("2021-07-18T02:00:00+08:00")))
    assert msgspec.json.decode(stored)["level"] == "1.0"
