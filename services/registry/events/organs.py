"""Facts about organs and their posts. A post is a public handle; who sits there is nobody's business here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.events import event


@event("registry.organ.registered.v1")
@dataclass(frozen=True, slots=True)
class OrganRegistered:
    """An organ as it is from now on: its names, what it signs as, and the functions it holds in its division."""

    organ: str
    division: str
    zh: str
    en: str
    functions: tuple[str, ...]
    signs_as: str | None  # a league's administrative office signs otherwise than a city's government
    at: datetime


@event("registry.post.assigned.v1")
@dataclass(frozen=True, slots=True)
class PostAssigned:
    """A post of the organ carries these roles."""

    organ: str
    post: str
    roles: tuple[str, ...]
    starts: datetime
    until: datetime | None
    at: datetime


@event("registry.post.ended.v1")
@dataclass(frozen=True, slots=True)
class PostEnded:
    """The post carries no role any more."""

    organ: str
    post: str
    reason: str | None
    at: datetime


OrganEvent = OrganRegistered | PostAssigned | PostEnded
