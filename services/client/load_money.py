"""The tariffs of a story's header: what the division that pays gives for a day, a kilometre, an hour."""

from __future__ import annotations

from collections.abc import Iterator

from services.client.fixture import Fixture
from services.client.script import Story

RATES = ("full", "half", "full_from_h", "per_km", "boat_hour", "per_day")


def tariffs(story: Story) -> Iterator[Fixture]:
    """Set for the year of the story. What is paid to households is no compensation: relief has tariffs of its own."""
    year = story.steps[0].at[:4]
    for name, said in story.header["tariffs"].items():
        rates = {rate: said[rate] for rate in RATES if rate in said}
        if rates:
            holds = {"division": said["payer"], "tariff": name, "since": f"{year}-01-01", "source": said["source"]}
            yield Fixture("tariffs", name, "SetTariff", {**holds, **rates})
