"""Whose a plan is, and whose its levels may be: an enterprise has its own, and nobody makes themselves a power (ERL art. 71)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.alerts.events.plan_content import PlanContent, PlanLevel, PlanType
from shared.kernel.commands import Signature
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed

UNITS = (PlanType.UNIT, PlanType.KEY_FACILITY)


def require_own(by: Signature, type: PlanType | None, organ: str | None) -> None:
    """An enterprise has to do with the unit and key-facility plans of its own organ alone, and with their drills (domain 3.3, 3.27)."""
    if by.has("ENT") and (type not in UNITS or by.organ is None or by.organ != organ):
        raise NotAllowed(Failure("ERL-28", "an enterprise has unit and key-facility plans, and those of its own organ"))


def organ_of(by: Signature) -> str | None:
    """The enterprise whose plan or drill this is to be; None of all that are a division's."""
    return by.organ if by.has("ENT") else None


def holder(owner: str, organ: str | None) -> str:
    """Who has one plan for a type and hazard: the division, or one enterprise in it."""
    return f"{owner}/{organ}" if organ else owner


def of_its_unit(content: PlanContent) -> PlanContent:
    """The plan with the enterprise that may activate a level named: the one whose plan it is."""
    levels = []
    for level in content.levels:
        authority = level.authority
        if authority is not None and "ENT" in authority.roles and authority.organ is None:
            level = replace(level, authority=replace(authority, organ=content.organ))
        levels.append(level)
    return replace(content, levels=tuple(levels))


def activators(content: PlanContent, rules: Rules) -> list[Failure]:
    """A level is activated by the roles that the law gives plans of this type to; by no enterprise but the one whose plan it is."""
    known: Sequence[str] = rules.value("plan.activators").get(content.type, ())
    named = [(level.level.value, level.authority) for level in content.levels if level.authority is not None]
    faults = [
        Failure("ERL-71", f"level {level}: {role} activates no {content.type} plan: {', '.join(known)} do", "levels")
        for level, authority in named
        for role in authority.roles
        if not any(role == one or role.startswith(one + ".") for one in known)
    ]
    return faults or [
        Failure("ERL-28", f"level {level}: an enterprise activates its own plans alone: the plan says whose it is (organ)", "levels")
        for level, authority in named
        if (authority.organ or "ENT" in authority.roles) and authority.organ != (content.organ or "")
    ]


def under(levels: Sequence[PlanLevel], owner: str | None) -> dict[str, tuple[str, ...]]:
    """Who activates a level is the owner of the plan or lies above it."""
    return {level.authority.division: (owner,) for level in levels if level.authority and owner}
