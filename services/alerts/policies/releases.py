"""What everybody is told when a release goes out or is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.deciders.releases.bulletin import PostBulletin, WithdrawBulletin
from services.alerts.events.release import ReleasePublished, ReleaseWithdrawn
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_release_published_then_tell_everybody(event: ReleasePublished, at: Envelope) -> Iterable[Command]:
    by = replace(system(at), division=event.division)
    yield PostBulletin(by=by, now=at.time, release=event.release, version=event.version, kind=event.content.kind)


def when_release_withdrawn_then_tell_everybody(event: ReleaseWithdrawn, at: Envelope) -> Iterable[Command]:
    if event.was_public:
        yield WithdrawBulletin(by=system(at), now=at.time, release=event.release)


RELEASES: tuple[Policy, ...] = (
    policy("alerts.release.published.v1", when_release_published_then_tell_everybody),
    policy("alerts.release.withdrawn.v1", when_release_withdrawn_then_tell_everybody),
)
