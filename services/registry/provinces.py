"""Province folders: `province.toml`, `divisions.csv` and, where its law sets other values, `rules/`. Data only; no code knows one."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path

from shared.geo.units import Unit, faults

SHIPPED = Path(__file__).parent / "provinces"
COLUMNS = ("code", "zh", "en", "level", "parent")  # without these a line is no unit

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Province:
    """The root of a node's tree, its local time and its units."""

    root: str
    zh: str
    en: str
    zone: timezone
    units: tuple[Unit, ...]
    rules: Path | None  # a folder of rule files with values of its own


def province(named: str | Path) -> Province:
    """The province of a shipped code or of a folder. ValueError names every fault with its file and line."""
    folder = _folder(named)
    wrong: list[str] = []
    settings = _settings(folder / "province.toml", wrong)
    units = tuple(_units(folder / "divisions.csv", wrong))
    wrong += [f"divisions.csv: {fault.cure}" for fault in faults(units)]
    root = settings.get("root", "")
    if units and [unit.code for unit in units if unit.parent is None] != [root]:
        wrong.append(f"divisions.csv: {root or 'the root'} and no other unit stands without a parent")
    if wrong:
        raise ValueError("\n".join(f"{folder.name}/{fault}" for fault in wrong))
    sign, hours, minutes = _OFFSET.fullmatch(settings["utc_offset"]).groups()  # type: ignore[union-attr]
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    own_rules = folder / "rules"
    return Province(root, settings["zh"], settings["en"], timezone(offset), units, own_rules if own_rules.is_dir() else None)


def shipped() -> tuple[str, ...]:
    """The codes of the provinces that come with this release."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/province.toml")))


def _folder(named: str | Path) -> Path:
    for folder in (SHIPPED / str(named), Path(named)):
        if (folder / "province.toml").is_file():
            return folder
    known = ", ".join(shipped())
    raise ValueError(f"no province {named}: set ORTOO_PROVINCE to the path of a folder with province.toml, or to one of {known}")


def _settings(file: Path, wrong: list[str]) -> dict[str, str]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        wrong.append(f"{file.name}: {error}")
        return {}
    for key in ("root", "zh", "en", "utc_offset"):
        if not isinstance(settings.get(key), str):
            wrong.append(f"{file.name}: {key} is missing")
            settings[key] = ""
    if settings["utc_offset"] and not _OFFSET.fullmatch(settings["utc_offset"]):
        wrong.append(f"{file.name}: utc_offset is written +08:00")
    return settings


def _units(file: Path, wrong: list[str]) -> Iterable[Unit]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                wrong.append(f"{file.name}: columns {', '.join(missing)} are missing")
                return
            for row in reader:
                try:
                    yield _unit(row)
                except ValueError as error:
                    wrong.append(f"{file.name} line {reader.line_num}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        wrong.append(f"{file.name}: {error}")


def _unit(row: dict[str, str]) -> Unit:
    """A unit of one line; empty cells are unknown. ValueError when a cell cannot be read."""
    if None in row or None in row.values():
        raise ValueError("more or fewer cells than columns")
    cell = {column: text.strip() for column, text in row.items()}
    return Unit(
        code=cell["code"],
        zh=cell["zh"],
        en=cell["en"],
        level=int(cell["level"]),
        parent=cell["parent"] or None,
        kind=cell.get("kind", ""),
        valid_from=_day(cell.get("valid_from")),
        valid_to=_day(cell.get("valid_to")),
        successor=cell.get("successor") or None,
        lon=_number(cell.get("lon")),
        lat=_number(cell.get("lat")),
        neighbours=tuple(cell.get("neighbours", "").split()),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error
