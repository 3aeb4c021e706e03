"""Telling everybody, as it happens, that a release is there or was taken back (ERL art. 7): of the inner life of a release nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.deciders.streams import bulletin_stream
from services.alerts.events.bulletin import BulletinEvent, BulletinPosted, BulletinWithdrawn
from services.alerts.events.release import ReleaseKind
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class PostBulletin(Command):
    """A version of a release is public. Only policies send it."""

    release: PublicId
    version: int
    kind: ReleaseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawBulletin(Command):
    """A release was taken back. Only policies send it."""

    release: PublicId


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The newest version everybody was told of, and whether it still can be read. An older one is not told again."""

    version: int = 0
    division: str | None = None
    public: bool = False


def decide(command: PostBulletin | WithdrawBulletin, bulletin: Bulletin, rules: Rules) -> Sequence[BulletinEvent]:
    """Once for each version."""
    match command:
        case PostBulletin(release=release, version=version, kind=kind, by=by, now=now):
            return [] if version <= bulletin.version else [BulletinPosted(release, version, kind, by.division, now)]
        case WithdrawBulletin(release=release, now=now):
            return [BulletinWithdrawn(release, now)] if bulletin.public else []
        case _:
            assert_never(command)


def evolve(bulletin: Bulletin, event: BulletinEvent) -> Bulletin:
    """What everybody was told after the event."""
    match event:
        case BulletinPosted(version=version, division=division):
            return Bulletin(version, division, public=True)
        case BulletinWithdrawn():
            return replace(bulletin, public=False)
        case _:
            assert_never(event)


BULLETIN = Decider(
    category="bulletin",
    initial=Bulletin(),
    decide=decide,
    evolve=evolve,
    about=lambda bulletin: About(bulletin.division, "public"),
    handles={
        PostBulletin: Handles(lambda c: (bulletin_stream(c.release),), creates=True),
        WithdrawBulletin: Handles(lambda c: (bulletin_stream(c.release),), creates=True),
    },
)
