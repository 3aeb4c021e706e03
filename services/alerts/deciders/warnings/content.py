"""What a warning must say before it may go out, and how its messages are named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from services.alerts.events.content import AlertContent
from services.alerts.events.scales import WarningColour
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all

NATIONAL = re.compile(r"(\d{14})_(\d{14})(?:_\d{1,4})?")  # issuer code, time of entry, serial (GB/T 35965.1, appendix A)


def paired(colour: WarningColour | None, number: int | None) -> tuple[WarningColour | None, int | None]:
    """Colour and number say the same (ERL art. 63). One alone implies the other; neither is a draft's gap."""
    if colour is not None:
        colour = WarningColour(colour)
        if number not in (None, colour.number):
            raise RuleBroken(Failure("ERL-63", f"{colour} is number {colour.number}, not {number}", "number"))
        return colour, colour.number
    if number is None:
        return None, None
    known = WarningColour.numbered(number)
    if known is None:
        raise RuleBroken(Failure("ERL-63", "number is 1 (red) to 4 (blue)", "number"))
    return known, number


def missing(content: AlertContent, rules: Rules) -> list[Failure]:
    """Every empty one of the eight fields; the time of issue is the moment of publication (ERL art. 64 para. 2)."""
    names = [name for name in rules.value("ERL-64.2") if name != "issued_at"]
    return [Failure("ERL-64.2", f"{name} is empty", name) for name in names if _empty(getattr(content, name))]


def out_of_time(content: AlertContent, now: datetime | None = None) -> list[Failure]:
    """A warning ends after it starts, and is not published when it is already over."""
    if content.valid_to is None:
        return []
    if content.starts is not None and content.valid_to <= content.starts:
        return [Failure("alert.period", "valid_to is not after starts", "valid_to")]
    if now is not None and content.valid_to <= now:
        return [Failure("alert.period", "valid_to has passed; revise the draft", "valid_to")]
    return []


def naive(**times: datetime | None) -> list[Failure]:
    """Times without an offset: they name no instant."""
    return [Failure("time.offset", f"{name} needs an offset, as in +08:00", name) for name, at in times.items() if at and not at.tzinfo]


def checked_identifier(identifier: str, taken: bool) -> str:
    """The identifier a publisher brings, if it has the national form and is free."""
    form = NATIONAL.fullmatch(identifier)
    failures = []
    if form is None or not _is_time(form[2]):
        failures.append(Failure("cap.identifier", "14 digits of the issuer, an underscore, the time as YYYYMMDDhhmmss", "identifier"))
    if taken:
        failures.append(Failure("cap.identifier", "this identifier names another message", "identifier"))
    refuse_all(RuleBroken, failures)
    return identifier


def own_identifier(division: str | None, alert: str, now: datetime) -> str:
    """An identifier of our own for a warning without a national one: unique, since the alert's id is."""
    return f"{division or 'ortoo'}.{alert}_{_stamp(now)}"


def place_of(areas: Sequence[str], issuer: str | None) -> str | None:
    """Where a warning belongs: to its only area, else to the division that issues it."""
    return areas[0] if len(areas) == 1 else issuer


def next_identifier(division: str | None, alert: str, known: Sequence[str], now: datetime) -> str:
    """The identifier of a further message of a series: our own even under a national first one, whose numbers others give out."""
    made = base = own_identifier(division, alert, now)
    serial = 1
    while made in known:
        serial += 1
        made = f"{base}_{serial}"
    return made


def sender_of(identifier: str, organ: str | None, division: str | None) -> str:
    """The issuer code of a national identifier, else the organ or division that issues."""
    form = NATIONAL.fullmatch(identifier)
    return form[1] if form else organ or division or "ortoo"


def _empty(value: object) -> bool:
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S")


def _is_time(stamp: str) -> bool:
    try:
        datetime.strptime(stamp, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True
