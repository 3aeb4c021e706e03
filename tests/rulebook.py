"""The product's own rule values for tests of deciders: by rule id, without resolution by division and time."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.rules.loading import duration

SERVICES = Path(__file__).parents[1] / "services"


class FakeRules:
    """Values by rule id."""

    pack = "test@0"

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def value(self, rule: str) -> Any:
        return self.values[rule]


def rulebook(*places: str, number: Callable[[str], Any] = Decimal) -> FakeRules:
    """What stands in these files and folders of `services/`: `alerts/rules`, `alerts/rules/calendar.toml`."""
    values: dict[str, Any] = {}
    for place in map(SERVICES.joinpath, places):
        for file in sorted(place.glob("*.toml")) if place.is_dir() else (place,):
            for row in tomllib.loads(file.read_text(encoding="utf-8"), parse_float=number).get("rule", ()):
                values[row["id"]] = duration(row["duration"]) if "duration" in row else row["value"]
    return FakeRules(values)
