"""CAP times: strict when written, repaired and named when read (OASIS CAP 1.2, section 3.3.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Beijing time: the standard time of the whole country, and the zone of feeds that leave it out."""

BUDDHIST_ERA = 543  # years ahead of the common era; Thai senders write 2568 for 2025
_BUDDHIST_YEARS = range(2500, 2660)
_CALENDAR = range(2, 9999)  # a zone or a day more must not lead out of what can be reckoned; 9999 is written for "never"
_LONGEST = 40  # characters of any time
_PLAUSIBLE_YEARS = range(1990, 2101)
_LOOSE = re.compile(
    r"(?P<y>\d{4})(?P<s>[-/]?)(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"(?:(?:[Tt]|\s+)(?P<H>\d{1,2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<zone>[Zz]|[-+]\d{1,2}(?::?\d{2})?)?)?",
    re.ASCII,  # \d must not take digits of other scripts
)


def read_time(text: str, offset: timezone = CHINA) -> tuple[datetime | None, tuple[tuple[str, str], ...]]:
    """The time, and (code, message) of everything that had to be repaired. None when it cannot be read."""
    if len(text) == 25 and text[10] == "T" and text[19] in "+-" and text[22] == ":":
        try:
            time = datetime.fromisoformat(text)
            if time.year in _PLAUSIBLE_YEARS:
                return time, ()
        except ValueError:
            pass  # 29 February of a Buddhist year is no date of ours: the slow way knows
    return _repaired(text.strip(), offset)


def _repaired(text: str, offset: timezone) -> tuple[datetime | None, tuple[tuple[str, str], ...]]:
    parts = _LOOSE.fullmatch(text) if len(text) <= _LONGEST else None
    if parts is None:
        return None, (("time.unreadable", f"{text[:40]!r} is no time"),)
    found: list[tuple[str, str]] = []
    year = int(parts["y"])
    if year in _BUDDHIST_YEARS:
        found.append(("year.buddhist", f"{year} is a Buddhist year; read as {year - BUDDHIST_ERA}"))
        year -= BUDDHIST_ERA
    try:
        hour, minute, second = (int(parts[name] or 0) for name in "HMS")
        time = datetime(year, int(parts["m"]), int(parts["d"]), hour, minute, second, tzinfo=_zone(parts, offset))
        if year not in _CALENDAR:
            raise ValueError(year)
    except ValueError:
        return None, (("time.unreadable", f"{text[:40]!r} is no time"),)
    if year not in _PLAUSIBLE_YEARS:
        found.append(("year.odd", f"the year {year} is odd"))
    return time, (*found, *_form(parts, text, offset))


def _zone(parts: re.Match[str], offset: timezone) -> timezone:
    zone = parts["zone"]
    if zone is None:
        return offset
    if zone in "Zz":
        return UTC
    hours, minutes = zone[1:].split(":") if ":" in zone else (zone[1:-2], zone[-2:]) if len(zone) > 3 else (zone[1:], "0")
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def _form(parts: re.Match[str], text: str, offset: timezone) -> list[tuple[str, str]]:
    zone = parts["zone"]
    if parts["H"] is None:
        return [("time.date_only", f"{text} is a date; read as its midnight at {offset}")]
    if zone is None:
        return [("time.zone_missing", f"{text} has no zone; {offset} assumed")]
    if zone in "Zz":
        return [("time.zulu", f"{text}: CAP writes -00:00, not Z")]
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", text) is None:
        return [("time.form", f"{text} is not YYYY-MM-DDThh:mm:ss+hh:mm")]
    return []


def write_time(time: datetime) -> str:
    """`2024-07-12T21:31:38+08:00`; UTC as `-00:00`, as the standard asks. ValueError without a zone."""
    shift = time.utcoffset()
    if shift is None:
        raise ValueError(f"{time.isoformat()} has no zone")
    if shift.seconds % 60 or shift.microseconds:
        time = time.astimezone(UTC)
        shift = timedelta()
    text = time.replace(tzinfo=None, microsecond=0).isoformat()
    minutes = int(shift.total_seconds()) // 60
    sign = "+" if minutes > 0 else "-"
    return f"{text}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
