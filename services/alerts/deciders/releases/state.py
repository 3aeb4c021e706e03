"""What is known of a release, folded from its facts, and which command fits which state (domain 3.23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.deciders.releases.commands import (
    ApproveRelease,
    DraftRelease,
    HoldBriefing,
    PublishRelease,
    ReviewRelease,
    UpdateRelease,
    WithdrawRelease,
)
from services.alerts.events.release import (
    PressBriefingHeld,
    ReleaseApproved,
    ReleaseContent,
    ReleaseDrafted,
    ReleaseEvent,
    ReleasePublished,
    ReleaseReviewed,
    ReleaseUpdateDrafted,
    ReleaseWithdrawn,
)
from shared.blocks.flow import Flow
from shared.kernel.decider import About

NEW, DRAFTED, RETURNED, REVIEWED, APPROVED = "new", "drafted", "returned", "reviewed", "approved"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
NOTHING_FOUND = "none"
NO_TEXT = ReleaseContent()


@dataclass(frozen=True, slots=True)
class Release:
    """A release. `version` is that of its text in hand; `public` the one everybody reads, 0 before the first."""

    status: str = NEW
    content: ReleaseContent = NO_TEXT
    author: str = ""
    approver: str = ""
    secret: str | None = None
    privacy: str | None = None
    facts: str | None = None
    reviewers: frozenset[str] = frozenset()  # of the text in hand
    answered: frozenset[str] = frozenset()  # what its words say otherwise than the report, and a reviewer says is right
    version: int = 1
    public: int = 0
    division: str | None = None
    incident: str | None = None
    visibility: str = "internal"

    @property
    def source(self) -> str | None:
        """The report it says what it says from: that of its figures, else the one its text was compared with."""
        return self.content.from_report or self.facts

    @property
    def reviewed(self) -> bool:
        """All three were looked at and nothing was found."""
        facts = self.facts is not None or not self.content.figures
        return self.secret == NOTHING_FOUND and self.privacy == NOTHING_FOUND and facts


RELEASE_FLOW = Flow(
    "release.life",
    {
        **{(status, DraftRelease): DRAFTED for status in (NEW, DRAFTED, RETURNED, REVIEWED)},
        (PUBLISHED, UpdateRelease): DRAFTED,
        **{(status, ReviewRelease): REVIEWED for status in (DRAFTED, RETURNED, REVIEWED)},
        **{(status, ApproveRelease): APPROVED for status in (RETURNED, REVIEWED)},
        (APPROVED, PublishRelease): PUBLISHED,
        (PUBLISHED, HoldBriefing): PUBLISHED,
        **{(status, WithdrawRelease): WITHDRAWN for status in (DRAFTED, RETURNED, REVIEWED, APPROVED, PUBLISHED)},
    },
)


def evolve(release: Release, event: ReleaseEvent) -> Release:
    """The release after the event. A new text is looked at anew."""
    match event:
        case ReleaseDrafted():
            return Release(
                status=DRAFTED,
                content=event.content,
                author=event.by,
                version=release.version,
                public=release.public,
                division=release.division or event.division,
                incident=event.incident,
                visibility=event.visibility,
            )
        case ReleaseUpdateDrafted():
            return replace(
                release,
                status=DRAFTED,
                content=event.content,
                author=event.by,
                approver="",
                secret=None,
                privacy=None,
                facts=None,
                reviewers=frozenset(),
                answered=frozenset(),
                version=event.version,
                visibility="restricted" if "restricted" in (release.visibility, event.visibility) else release.visibility,
            )
        case ReleaseReviewed():
            after = replace(
                release,
                secret=event.secret or release.secret,
                privacy=event.privacy or release.privacy,
                facts=event.facts or release.facts,
                reviewers=release.reviewers | {event.by},
                answered=release.answered.union(event.answered),
            )
            return replace(after, status=REVIEWED if after.reviewed else RETURNED if not event.passed else DRAFTED)
        case ReleaseApproved(by=by):
            return replace(release, status=APPROVED, approver=by)
        case ReleasePublished(version=version):
            return replace(release, status=PUBLISHED, public=version)
        case ReleaseWithdrawn():
            return replace(release, status=WITHDRAWN)
        case PressBriefingHeld():
            return release
        case _:
            assert_never(event)


def about(release: Release) -> About:
    """Internal while it is made; what is published is read from the read model."""
    return About(release.division, release.visibility, release.incident)
