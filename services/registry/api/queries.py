"""What can be asked of the registry. Divisions and rules are public; organs are for whoever is signed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from services.registry.directory import Directory
from services.registry.projections import divisions, organs, rosters
from shared.kernel.errors import Failure, NotFound
from shared.rules.book import find_pack
from shared.rules.packs import Rule, RulePack
from shared.web.call import Call, call
from shared.web.commands import Moment
from shared.web.host import Host
from shared.web.problems import RESPONSES

Caller = Annotated[Call, Depends(call)]
Code = Annotated[str, Path(max_length=20)]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=40, description="`next` of the page before")]
Day = Annotated[date | None, Query(description="as it was on that day; today if left out")]
Row = dict[str, Any]


def add(router: APIRouter, host: Host, directory: Directory) -> None:
    """Add the queries to the router."""
    _divisions(router, host)
    _organs(router, host)
    _duty(router, host)
    _rules(router, host, directory)


def _divisions(router: APIRouter, host: Host) -> None:
    @router.get("/divisions", operation_id="ListDivisions", responses=RESPONSES)
    def list_divisions(
        caller: Caller, parent: Annotated[str | None, Query(max_length=20)] = None, day: Day = None, after: After = None, limit: Limit = 200
    ) -> Row:
        """Divisions in the order of their codes; with `parent` those directly below it."""
        rows = divisions.list_divisions(host.read("registry"), day=day or caller.now.date(), after=after, limit=limit, parent=parent)
        return {"items": rows, "next": rows[-1]["code"] if len(rows) == limit else None, "positions": host.positions()}

    @router.get("/divisions/{division}", operation_id="GetDivision", responses=RESPONSES)
    def get_division(division: Code, caller: Caller, day: Day = None) -> Row:
        """One division."""
        row = divisions.get_division(host.read("registry"), division, day or caller.now.date())
        if row is None:
            raise NotFound(Failure("reference", f"no division {division} on that day", "division"))
        return row | {"positions": host.positions()}


def _organs(router: APIRouter, host: Host) -> None:
    @router.get("/organs", operation_id="ListOrgans", responses=RESPONSES)
    def list_organs(
        caller: Caller, division: Annotated[str | None, Query(max_length=20)] = None, after: After = None, limit: Limit = 200
    ) -> Row:
        """Organs with their posts; a post carries roles and never a person's name."""
        caller.require("ListOrgans")
        sees = host.sees(caller.by)
        rows = organs.list_organs(host.read("registry"), after=after, limit=limit, division=division)
        shown = [row for row in rows if sees(row["division"], "internal")]
        return {"items": shown, "next": rows[-1]["organ"] if len(rows) == limit else None, "positions": host.positions()}


def _duty(router: APIRouter, host: Host) -> None:
    @router.get("/divisions/{division}/duty", operation_id="GetDuty", responses=RESPONSES)
    def get_duty(division: Code, caller: Caller, at: Annotated[Moment | None, Query(description="now if left out")] = None) -> Row:
        """Who has the duty in a division at a time; while a take-over is missed, who stands in. `missed_below`: such take-overs in the
        divisions below, of which those above are told here."""
        caller.require("GetDuty")
        when: datetime = at or caller.now
        db, sees, covers = host.read("registry"), host.sees(caller.by), host.directory.divisions.covers
        shown = rosters.duty(db, division, when) if sees(division, "internal") else []
        missed = [one for one in rosters.missed(db, when) if one["division"] != division and covers(division, one["division"])]
        below = [one for one in missed if sees(one["division"], "internal")]
        return {"division": division, "at": when, "items": shown, "missed_below": below, "positions": host.positions()}


def _rules(router: APIRouter, host: Host, directory: Directory) -> None:
    @router.get("/rule-packs", operation_id="ListRulePacks", responses=RESPONSES)
    def list_rule_packs(caller: Caller) -> Row:
        """The packs of this node, and who adopted which."""
        packs = [_pack(pack) for pack in directory.packs]
        return {"items": packs, "adopted": organs.list_adoptions(host.read("registry")), "positions": host.positions()}

    @router.get("/rule-packs/{pack}", operation_id="GetRulePack", responses=RESPONSES)
    def get_rule_pack(pack: Annotated[str, Path(max_length=120)], caller: Caller) -> Row:
        """Every rule of a pack with value, source, confidence and validity."""
        found = find_pack(directory.packs, pack)
        return _pack(found) | {"rules": [_rule(rule) for rule in found.rules]}


def _pack(pack: RulePack) -> Row:
    return {"pack": pack.id, "digest": pack.digest, "zh": pack.zh, "en": pack.en, "source": pack.source, "valid_from": pack.valid_from}


def _rule(rule: Rule) -> Row:
    value = f"PT{int(rule.value.total_seconds())}S" if isinstance(rule.value, timedelta) else _plain(rule.value)
    shown = {name: getattr(rule, name) for name in ("id", "zh", "en", "source", "confidence", "division", "valid_from", "valid_to")}
    return shown | {"value": value}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if hasattr(value, "items") else value
