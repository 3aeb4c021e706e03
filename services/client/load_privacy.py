"""The impact assessments of a story's header: drafted by one person, approved by another."""

from __future__ import annotations

from collections.abc import Iterator

from services.client.fixture import Fixture
from services.client.script import Story


def assessments(story: Story) -> Iterator[Fixture]:
    """One for each module; its three parts are visibly stand-ins."""
    for assessment in story.header.get("assessments", ()):
        parts = {part: f"{story.header['id']} header: stand-in" for part in ("lawfulness", "risks", "protection")}
        for module in assessment["modules"]:
            named = {"module": module, "assessment": assessment["id"]}
            yield Fixture("assessments", module, "DraftImpactAssessment", {**named, **parts})
            yield Fixture("assessments", module, "ApproveImpactAssessment", named, second=True)
