"""Readings as they are sent, over HTTP or over Kafka: the same bodies, the same checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.alerts.observations.readings import Reading, check
from shared.kernel.errors import Failure
from shared.web.commands import Moment

BATCH = 5_000


class Observation(BaseModel):
    """One reading: a value over the hours before `at` (0: of an instant). Units by property, see docs/glossary.md."""

    model_config = ConfigDict(extra="forbid")

    station: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
    property: Annotated[str, Field(max_length=40)]
    hours: Annotated[Decimal, Field(max_digits=9)] = Decimal(0)
    value: Annotated[Decimal | None, Field(max_digits=12)] = None
    mm: Annotated[Decimal | None, Field(max_digits=12, description="`value` of rain or snow")] = None
    at: Annotated[Moment | None, Field(description="when the span ended; now if left out")] = None
    observation: Annotated[str, Field(max_length=64)] = ""

    def reading(self, division: str | None, now: datetime) -> Reading:
        """The reading, of a station in this division."""
        value = self.value if self.value is not None else self.mm
        return Reading(
            self.station, self.property, self.at or now, self.hours, value if value is not None else Decimal(0), self.observation, division
        )


class Observations(BaseModel):
    """Many readings at once: all are kept or none."""

    model_config = ConfigDict(extra="forbid")

    readings: Annotated[list[Observation], Field(min_length=1, max_length=BATCH)]


def faulty(sent: Sequence[Observation], made: Sequence[Reading], now: datetime) -> list[Failure]:
    """Every reason not to keep them, each naming the reading and its field."""
    unmeasured = [
        Failure("observation.value", "give `value`, or `mm` for rain and snow, and not both", f"readings[{n}].value")
        for n, one in enumerate(sent)
        if (one.value is None) == (one.mm is None) or (one.mm is not None and one.property not in ("rain", "snow"))
    ]
    return [*unmeasured, *check(made, now)]
