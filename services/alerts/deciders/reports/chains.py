"""The statutory chains as rule data: which hop a sender stands at, how long it has, how far a report goes up (domain 2.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta, timezone
from typing import Any

from services.alerts.deciders.reports.state import DAILY
from services.alerts.events.report import ReportKind
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.commands import Signature
from shared.kernel.decider import Rules

UNIT = "unit"  # an enterprise, a dam, a hospital: whoever reports into the chain from outside the administration
GOVERNMENT = "government"
Row = Mapping[str, Any]


def chain_of(type: str | None, rules: Rules) -> Row:
    """The chain with the longest prefix of the type; the generic one fits all."""
    chains: Sequence[Row] = rules.value("report.chains")
    return max(chains, key=lambda chain: longest(chain["types"], type or ""))


def longest(prefixes: Iterable[str], type: str) -> int:
    """How much of a type the longest fitting prefix names; -1 when none fits."""
    return max((len(prefix) for prefix in prefixes if type == prefix or type.startswith(f"{prefix}.") or not prefix), default=-1)


def hop_of(chain: Row, stands: int | str | None, roles: Signature | None, situations: Iterable[str]) -> Row | None:
    """The first hop of a chain that fits who sends: a level or `unit`, the role, the situation."""
    held = frozenset(situations)
    hops: Sequence[Row] = chain["hops"]
    for hop in hops:
        fits = stands in hop["from"] and ("when" not in hop or hop["when"] in held)
        if fits and ("roles" not in hop or (roles is not None and roles.has(*hop["roles"]))):
            return hop
    return None


def stands(by: Signature) -> int | str | None:
    """Where a sender stands in a chain."""
    return UNIT if by.has("ENT") else by.level


def organ_of(by: Signature) -> str:
    """Whose report it is within a division: its government's with duty room and headquarters, a department's, a unit's own."""
    if by.has("ENT", "TEAM", "CHA"):
        return f"{UNIT}.{by.organ or by.actor}"
    if by.has("EMD", "HQ", "GOV", "L4.office", "L5.committee"):
        return GOVERNMENT
    return ".".join(by.roles[0].split(".")[:2]) if by.roles else by.actor


def of_unit(organ: str) -> bool:
    """It is from outside the administration."""
    return organ.startswith(f"{UNIT}.")


def hop_due(hop: Row, since: datetime, key: str) -> Due:
    """The deadline of a hop from the moment of knowledge."""
    amber = since + timedelta(minutes=hop["amber"]) if "amber" in hop else None
    return Due(key, hop["clock"], since, since + timedelta(minutes=hop["minutes"]), amber)


def daily_due(level: int | None, at: datetime, rules: Rules) -> Due | None:
    """K-17: the next day's cut-off of the sender's level; None below the county. The day is the place's, whatever the clock's zone."""
    daily = rules.value(DAILY)
    cut_off = daily.get(str(level))
    if cut_off is None:
        return None
    zone = timezone(timedelta(hours=daily["utc_offset_hours"]))
    due_at = datetime.combine(at.astimezone(zone).date() + timedelta(days=1), time.fromisoformat(cut_off), zone)
    return Due(DAILY, DAILY, at, due_at)


def onward(chain: Row, kind: ReportKind, level: int | None, grade: EventGrade | None, found: Iterable[str], rules: Rules) -> Row | None:
    """The next hop of a report that a level has received; None when it goes no further up."""
    situations = tuple(found)
    first = kind in (ReportKind.FIRST, ReportKind.SKIP)
    return hop_of(chain, level, None, situations) if first and level is not None and level > depth(grade, situations, rules) else None


def depth(grade: EventGrade | None, situations: Iterable[str], rules: Rules) -> int:
    """The level a first report must reach: 2 city, 1 region, 0 nation. A situation of national concern is not bound by grade."""
    national = {row["id"] for row in rules.value("report.situations") if row["national"]}
    if not national.isdisjoint(situations):
        return 0
    levels: Mapping[str, int] = rules.value("report.depth")
    return levels[grade.value if grade else "ungraded"]
