"""Rule packs from TOML files. Several files make one pack: they share its id, and one of them heads it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared.rules.packs import Rule, RulePack

PERMISSIONS = "permissions"  # the folder beside the packs whose files `shared/web/permissions.py` reads

_HEAD = {"zh": str, "en": str, "source": str, "valid_from": date, "utc_offset": str}
_TEXTS = ("id", "zh", "en", "source", "confidence")
_KEYS = {*_TEXTS, "value", "duration", "division", "valid_from", "valid_to"}
_CONFIDENCE = {"H", "M", "L", "D"}
_DURATION = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass
class _Draft:
    """A pack while its files are read."""

    head: dict[str, Any] = field(default_factory=dict)
    rules: list[tuple[str, Rule]] = field(default_factory=list)  # with the place it was written


def load_packs(*folders: Path) -> tuple[RulePack, ...]:
    """The packs written in these folders, by id. ValueError names every fault of every file with its key."""
    drafts: dict[str, _Draft] = {}
    faults: list[str] = []
    for folder in folders:
        for file in sorted(folder.glob("*.toml")):
            _read(file, drafts, faults)
    packs = [pack for id, draft in sorted(drafts.items()) if (pack := _pack(id, draft, faults)) is not None]
    if faults:
        raise ValueError("\n".join(faults))
    return tuple(packs)


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and less. ValueError for anything else: a month has no length."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as PT30M")
    return timedelta(**{unit: int(number) for unit, number in match.groupdict().items() if number})


def _read(file: Path, drafts: dict[str, _Draft], faults: list[str]) -> None:
    where = f"{file.parent.name}/{file.name}"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        faults.append(f"{where}: {error}")
        return
    head = content.get("pack")
    rules = content.get("rule", [])
    if not isinstance(head, dict) or not isinstance(head.get("id"), str):
        faults.append(f"{where}: pack.id is missing")
        return
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        faults.append(f"{where}: rule is a list of tables")
        return
    draft = drafts.setdefault(head["id"], _Draft())
    faults += _headed(where, head, draft)
    faults += [f"{where}: {key} is not a key" for key in sorted(content.keys() - {"pack", "rule"})]
    for n, table in enumerate(rules):
        place = f"{where}: rule[{n}] {table.get('id', '')}".rstrip()
        wrong = list(_rule_faults(table))
        faults += [f"{place}: {fault}" for fault in wrong]
        if not wrong:
            draft.rules.append((place, _rule(table, head.get("division"))))


def _headed(where: str, head: dict[str, Any], draft: _Draft) -> Iterable[str]:
    if "division" in head and not isinstance(head["division"], str):
        yield f"{where}: pack.division is a code"
    for key in sorted(head.keys() - _HEAD.keys() - {"id", "division"}):
        yield f"{where}: pack.{key} is not a key"
    for key in sorted(head.keys() & _HEAD.keys()):
        if type(head[key]) is not _HEAD[key] or (key == "utc_offset" and not _OFFSET.fullmatch(head[key])):
            yield f"{where}: pack.{key} is not readable"
        elif draft.head.setdefault(key, head[key]) != head[key]:
            yield f"{where}: pack.{key} differs from another file of the pack"


def _rule_faults(table: dict[str, Any]) -> Iterable[str]:
    for key in sorted(table.keys() - _KEYS):
        yield f"{key} is not a key"
    for key in _TEXTS:
        if not isinstance(table.get(key), str) or not table[key]:
            yield f"{key} is missing"
    if table.get("confidence") and table["confidence"] not in _CONFIDENCE:
        yield f"confidence is one of {', '.join(sorted(_CONFIDENCE))}"
    if "division" in table and not isinstance(table["division"], str):
        yield "division is a code"
    days = [table.get(key) for key in ("valid_from", "valid_to")]
    if not all(day is None or type(day) is date for day in days):
        yield "valid_from and valid_to are days"
    elif None not in days and days[0] >= days[1]:  # type: ignore[operator]
        yield "valid_to is after valid_from"
    if ("value" in table) == ("duration" in table):
        yield "exactly one of value and duration"
    elif "duration" in table and not _is_duration(table["duration"]):
        yield "duration is ISO 8601, such as PT30M"


def _is_duration(text: object) -> bool:
    try:
        return isinstance(text, str) and duration(text) >= timedelta(0)
    except (ValueError, OverflowError):
        return False


def _rule(table: dict[str, Any], division: str | None) -> Rule:
    return Rule(
        id=table["id"],
        zh=table["zh"],
        en=table["en"],
        source=table["source"],
        confidence=table["confidence"],
        value=duration(table["duration"]) if "duration" in table else _frozen(table["value"]),
        division=table.get("division", division),
        valid_from=table.get("valid_from"),
        valid_to=table.get("valid_to"),
    )


def _frozen(value: Any) -> Any:
    """Deciders are pure: nobody changes a rule by accident."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _pack(id: str, draft: _Draft, faults: list[str]) -> RulePack | None:
    missing = [key for key in _HEAD if key not in draft.head]
    faults += [f"pack {id}: {key} is missing in every file" for key in missing]
    faults += _overlaps(draft.rules)
    if missing:
        return None
    sign, hours, minutes = _OFFSET.fullmatch(draft.head["utc_offset"]).groups()  # type: ignore[union-attr]
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    head = {key: draft.head[key] for key in ("zh", "en", "source", "valid_from")}
    return RulePack(id=id, utc_offset=-offset if sign == "-" else offset, rules=tuple(rule for _, rule in draft.rules), **head)


def _overlaps(rules: Sequence[tuple[str, Rule]]) -> Iterable[str]:
    """Two values of one rule for one place at one time: nobody could say which holds."""
    seen: dict[tuple[str, str | None], list[Rule]] = {}
    for place, rule in rules:
        others = seen.setdefault((rule.id, rule.division), [])
        if any(_begins(rule) < _ends(other) and _begins(other) < _ends(rule) for other in others):
            yield f"{place}: another value holds at the same time"
        others.append(rule)


def _begins(rule: Rule) -> date:
    return rule.valid_from or date.min


def _ends(rule: Rule) -> date:
    return rule.valid_to or date.max
