"""Two pages without script: a warning with a button to acknowledge it, and a warning to be handed on as paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from services.alerts.channels.markup import Html, document, tag
from services.alerts.channels.ports import Bulletin
from services.alerts.channels.words import TIME, WORDS


@dataclass(frozen=True, slots=True)
class Shown:
    """A warning as a page shows it, and how it stands (`published`, `cancelled`, `expired`)."""

    bulletin: Bulletin
    state: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of the recipient whose page it is: given at, or asked for by the form."""

    recipient: str
    form: str
    asked: bool
    answered_at: datetime | None = None


def answer_page(shown: Shown, reply: Reply, language: str) -> Html:
    """What a one-time link opens."""
    words = WORDS[language]
    return document(
        words["lang"],
        shown.bulletin.info(language).headline,
        _switch(language),
        tag(
            "main",
            *_warning(shown, language),
            tag("p", f"{words['to']}{words['colon']}{reply.recipient}", class_="to"),
            _reply(shown, reply, language),
        ),
    )


def refusal_page(why: str, language: str) -> Html:
    """A link that opens nothing, and what cures it."""
    words = WORDS[language]
    return document(words["lang"], words["refused"], _switch(language), tag("main", tag("h1", words["refused"]), tag("p", why)))


def printout(shown: Shown, recipients: Iterable[Mapping[str, Any]], printed: datetime, language: str) -> Html:
    """The warning and its recipients with boxes to tick. No telephone numbers: paper is left lying about."""
    words = WORDS[language]
    rows = [_line(row, shown.zone, language) for row in recipients]
    columns = ("held", "recipients", "channel", "state", "received", "signature")
    table = tag(
        "table",
        tag("caption", words["recipients"]),
        tag("thead", tag("tr", *(tag("th", words[column], scope="col") for column in columns))),
        tag("tbody", *rows),
    )
    return document(
        words["lang"],
        f"{words['printout']} {shown.bulletin.issued.alert}",
        _switch(language),
        tag(
            "main",
            tag("p", words["printout"], class_="kind"),
            *_warning(shown, language),
            table if rows else tag("p", words["none"]),
            tag("p", words["confirm"], class_="small"),
            tag("p", f"{words['printed']}{words['colon']}{_time(printed, shown.zone)}", class_="small"),
        ),
    )


def _warning(shown: Shown, language: str) -> list[Html]:
    words, info, issued = WORDS[language], shown.bulletin.info(language), shown.bulletin.issued
    colour = issued.content.colour
    facts = (
        ("level", words[colour.value] if colour else ""),
        ("areas", words["and"].join(area.desc for area in info.areas)),
        ("starts", _time(info.onset, shown.zone)),
        ("until", _time(info.expires, shown.zone)),
        ("cautions", info.description),
        ("measures", info.instruction),
        ("reason", issued.note),
        ("issuer", info.sender_name),
        ("issued", _time(issued.sent, shown.zone)),
        ("identifier", issued.identifier),
    )
    return [
        tag("h1", info.headline, class_=colour.value if colour else None),
        tag("p", words.get(shown.state, shown.state), class_=f"state {shown.state}", role="status"),
        tag("dl", *(part for name, value in facts if value for part in (tag("dt", words[name]), tag("dd", value)))),
    ]


def _reply(shown: Shown, reply: Reply, language: str) -> Html:
    words = WORDS[language]
    if reply.answered_at is not None:
        return tag("p", words["answered"], f" {_time(reply.answered_at, shown.zone)}", class_="done", role="status")
    if shown.state != "published":
        return tag("p", words["over"])
    if not reply.asked:
        return tag("p", words["informed"])
    return tag(
        "form",
        tag("input", type="hidden", name="form", value=reply.form),
        tag("button", words["answer"], type="submit"),
        method="post",
        action=f"?lang={language}",
    )


def _line(row: Mapping[str, Any], zone: tzinfo, language: str) -> Html:
    words, answered = WORDS[language], row["acknowledged_at"]
    held = bool(answered) or row["state"] == "delivered"
    return tag(
        "tr",
        tag("td", "☑" if held else "☐", class_="box"),
        tag("td", row["recipient"]),
        tag("td", words[row["channel"]]),
        tag("td", words["answered_at"] if answered else words[row["state"]]),
        tag("td", _time(datetime.fromisoformat(answered), zone) if answered else ""),
        tag("td", ""),
    )


def _switch(language: str) -> Html:
    other = "en" if language == "zh" else "zh"
    return tag("nav", tag("a", WORDS[language]["other"], href=f"?lang={other}", lang=WORDS[other]["lang"], hreflang=other))


def _time(at: datetime | None, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):{TIME}}" if at is not None else ""
