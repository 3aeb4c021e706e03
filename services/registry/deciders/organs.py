"""One organ and its posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from services.registry.events.organs import OrganEvent, OrganRegistered, PostAssigned, PostEnded
from shared.kernel.commands import Command
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

RULE = "registry.organs"
ROLES = "registry.roles"
OFFSET = "time.offset"

_HANDLE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")  # B.DUTY: too narrow for a person's name in Chinese, and asked to be none


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrgan(Command):
    """Enter an organ, or enter it again as it is now."""

    organ: str
    division: str
    zh: str
    en: str
    functions: tuple[str, ...] = ()
    signs_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPost(Command):
    """Give a post of the organ its roles."""

    organ: str
    post: str
    roles: tuple[str, ...]
    starts: datetime | None = None  # now
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPost(Command):
    """Take every role from a post."""

    organ: str
    post: str
    reason: str | None = None


OrganCommand = RegisterOrgan | AssignPost | EndPost


@dataclass(frozen=True, slots=True)
class Organ:
    """As registered last, with the posts that carry roles."""

    registered: OrganRegistered | None = None
    posts: Mapping[str, PostAssigned] = field(default_factory=dict)


def decide(command: OrganCommand, organ: Organ, rules: Rules) -> Sequence[OrganEvent]:
    """Roles and functions are those of the catalogue; what is already so decides nothing."""
    match command:
        case RegisterOrgan():
            return _registered(command, organ, rules)
        case AssignPost():
            return _assigned(command, organ, rules)
        case EndPost(organ=name, post=post) if post not in organ.posts:
            raise NotFound(Failure("reference", f"{name} has no post {post} that carries roles", "post"))
        case EndPost(organ=name, post=post, reason=reason, now=now):
            return [PostEnded(name, post, reason, now)]
        case _:
            assert_never(command)


def evolve(organ: Organ, event: OrganEvent) -> Organ:
    """Keep the last registration and the posts in office."""
    match event:
        case OrganRegistered():
            return replace(organ, registered=event)
        case PostAssigned(post=post):
            return replace(organ, posts={**organ.posts, post: event})
        case PostEnded(post=post):
            return replace(organ, posts={name: held for name, held in organ.posts.items() if name != post})
        case _:
            assert_never(event)


def _registered(command: RegisterOrgan, organ: Organ, rules: Rules) -> Sequence[OrganEvent]:
    names = {"division": command.division, "zh": command.zh, "en": command.en}
    wrong = [
        Failure(RULE, f"{name} is empty or not printable", name)
        for name, text in names.items()
        if not text.strip() or not text.isprintable()
    ]
    wrong += _unknown(command.functions, "functions", rules)
    if not _HANDLE.fullmatch(command.organ):
        wrong.append(Failure(RULE, "an organ's id is made of capital letters, digits, dot and dash", "organ"))
    before = organ.registered
    if before is not None and before.division != command.division:
        wrong.append(Failure(RULE, f"{command.organ} belongs to {before.division}; register another organ", "division"))
    refuse_all(RuleBroken, wrong)
    now = OrganRegistered(command.organ, command.division, command.zh, command.en, command.functions, command.signs_as, command.now)
    return [] if before is not None and replace(before, at=command.now) == now else [now]


def _assigned(command: AssignPost, organ: Organ, rules: Rules) -> Sequence[OrganEvent]:
    wrong = list(_unknown(command.roles, "roles", rules))
    starts = command.starts or command.now
    if not command.roles:
        wrong.append(Failure(RULE, "a post carries at least one role; EndPost takes them all", "roles"))
    if not _HANDLE.fullmatch(command.post):
        wrong.append(Failure(RULE, "a post is a handle of capital letters, digits, dot and dash; never a person's name", "post"))
    for name, at in (("starts", command.starts), ("until", command.until)):
        if at is not None and at.tzinfo is None:
            wrong.append(Failure(OFFSET, f"{name} needs an offset, as in +08:00", name))
    refuse_all(RuleBroken, wrong)
    if command.until is not None and command.until <= starts:
        raise RuleBroken(Failure(RULE, "until is after starts", "until"))
    if "ADMIN" in command.roles and not command.by.has("ADMIN"):
        raise NotAllowed(Failure(RULE, "an administrator is named by an administrator", "roles"))
    held = organ.posts.get(command.post)
    if held is not None and (held.roles, held.until) == (command.roles, command.until) and command.starts in (None, held.starts):
        return []
    return [PostAssigned(command.organ, command.post, command.roles, starts, command.until, command.now)]


def _unknown(roles: Sequence[str], field: str, rules: Rules) -> Iterable[Failure]:
    known = {row["id"] for row in rules.value(ROLES)}
    for role in roles:
        if role.partition(".")[0] not in known:
            yield Failure(ROLES, f"{role} is not in the catalogue of roles", field)


def _about(organ: Organ) -> About:
    return About(division=organ.registered.division if organ.registered else None)


def _stream(command: OrganCommand) -> tuple[str, ...]:
    return (f"organ-{command.organ}",)


ORGAN = Decider(
    category="organ",
    initial=Organ(),
    decide=decide,
    evolve=evolve,
    about=_about,
    handles={
        RegisterOrgan: Handles(_stream, areas=lambda command: (command.division,), creates=True),
        AssignPost: Handles(_stream),
        EndPost: Handles(_stream),
    },
)
