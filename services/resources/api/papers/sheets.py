"""Papers out of what is shown: pick list, delivery note, receipt, stock card, certificate, receipt of a gift, labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from services.resources.api.papers import spoken
from services.resources.api.papers.words import Words
from services.resources.formats.codes import LOT, POSITION, SHIPMENT, Code
from shared.paper.sheet import Label, Labels, Sheet, Table

Row = Mapping[str, Any]
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Printing:
    """In which words, by whom and when, and what items and divisions are called."""

    say: Words
    by: str
    at: datetime
    item: Callable[[str], tuple[str, str]]  # its name and unit
    division: Callable[[str | None], str]

    def sheet(self, key: str, number: str, issuer: str | None, **more: Any) -> Sheet:
        """A paper of this kind."""
        said = f"{self.say('printed')} {self.time(self.at)}  {self.by}"
        words: dict[str, Any] = {"unshown": self.say("unshown"), "unbarred": self.say("qr_only")} | more
        return Sheet(self.say(key), self.say.other(key), number, self.division(issuer), said, self.say("page"), **words)

    def pairs(self, *named: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
        """Names and values; what is not known is left out."""
        return tuple((self.say(key), str(value)) for key, value in named if value not in (None, ""))

    def named(self, name: str | None, known: str | None) -> str | None:
        """A person by name, with what they are known by; else by that alone."""
        return known if name is None else f"{name} ({known})" if known else name

    def words(self, *keys: str) -> tuple[str, ...]:
        """Several words, such as of a heading."""
        return tuple(self.say(key) for key in keys)

    def time(self, at: datetime | str | None) -> str:
        """To the minute, in Beijing time."""
        if not at:
            return ""
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def pick_list(p: Printing, shipment: Row) -> Sheet:
    """What to take from where, in the order of the positions."""
    lots = {line["lot"]: line for line in shipment["lines"]}
    rows = []
    for place, picks in sorted(shipment["pick_list"].items()):
        for lot, qty in sorted(picks.items()):
            name, unit = p.item(lots[lot]["item"]) if lot in lots else ("", "")
            rows.append((place or p.say("nowhere"), name, lot, str(qty), unit, ""))
    table = Table(p.words("place", "item", "lot", "qty", "unit", "done"), tuple(rows), (16, 30, 30, 12, 10, 14), (3,))
    return _of_shipment(p, "pick_list", shipment, shipment["division"], (table,), p.words("picked_by", "checked_by"))


def delivery_note(p: Printing, shipment: Row) -> Sheet:
    """What goes with the goods."""
    rows = []
    for line in shipment["lines"]:
        name, unit = p.item(line["item"])
        rows.append((name, line["lot"], line.get("expires") or "", str(line["qty"]), unit, ""))
    table = Table(p.words("item", "lot", "expires", "qty", "unit", "received"), tuple(rows), (30, 30, 18, 12, 10, 14), (3,))
    more = (("departed", p.time(shipment["departed_at"])), ("pass", shipment["approval"]))
    return _of_shipment(p, "delivery_note", shipment, shipment["division"], (table,), p.words("handed_by", "driven_by", "taken_by"), *more)


def receipt(p: Printing, shipment: Row) -> Sheet:
    """What was received of what was loaded."""
    rows = []
    for line in shipment["lines"]:
        name, unit = p.item(line["item"])
        lot, counts = line["lot"], [shipment[kind] for kind in ("received", "short_lots", "damaged_lots")]
        rows.append((name, lot, unit, str(line["qty"]), *(str(one.get(lot, 0)) for one in counts)))
    heading = p.words("item", "lot", "unit", "loaded", "received", "short", "damaged")
    table = Table(heading, tuple(rows), (30, 30, 12, 12, 12, 12, 12), (3, 4, 5, 6))
    result = shipment["result"]
    more = (("received_at", p.time(shipment["received_at"])), ("result", p.say(result) if result else ""))
    notes = (shipment["note"],) if shipment["note"] else ()
    signs = p.words("handed_by", "taken_by")
    return _of_shipment(p, "receipt", shipment, shipment["to_division"], (table,), signs, *more, notes=notes)


def _of_shipment(
    p: Printing,
    key: str,
    shipment: Row,
    issuer: str | None,
    tables: tuple[Table, ...],
    signs: tuple[str, ...],
    *more: tuple[str, Any],
    notes: tuple[str, ...] = (),
) -> Sheet:
    known = ("number", shipment["shipment"]), ("from", shipment["from_store"]), ("to", shipment["to_store"])
    named = tuple((name, shipment[name]) for name in ("receiver", "vehicle", "driver", "request", "incident"))
    code = Code(SHIPMENT, (shipment["shipment"],)).text
    return p.sheet(
        key, shipment["shipment"], issuer, code=code, pairs=p.pairs(*known, *named, *more), tables=tables, signs=signs, notes=notes
    )


def stock_card(p: Printing, store: Row, item: str, movements: Sequence[Row]) -> Sheet:
    """What moved of an item in a store, the last first, with what was on hand after it."""
    name, unit = p.item(item)
    rows = tuple(
        (
            p.time(row["at"]),
            row["lot"],
            " ".join(part for part in (p.say("reverses") if row.get("reverses") else "", row["cause"], row["reason"]) if part),
            str(row["change"]) if row["change"] > 0 else "",
            str(-row["change"]) if row["change"] < 0 else "",
            str(row["balance"]),
            row["by"],
        )
        for row in movements
    )
    heading = p.words("at", "lot", "movement", "in", "out", "balance", "by")
    table = Table(heading, rows, (24, 26, 30, 11, 11, 13, 17), (3, 4, 5))
    pairs = p.pairs(("store", store["store"]), ("item", f"{name} {item}" if name != item else item), ("unit", unit))
    return p.sheet("card", f"{store['store']} {item}", store["owner"], pairs=pairs, tables=(table,), notes=(p.say("shown"),))


def certificate(p: Printing, said: Row, name: str | None = None) -> Sheet:
    """What the owner gets (RQ-03): who decided what, on which basis, for what and how long, in which condition, where a review is asked;
    with the owner's name where it was read for it."""
    wanted, approved, oral = said["wanted"] or {}, said["approved"] or {}, said["oral"] or {}
    notice, taken, returned, lost = (said[name] or {} for name in ("notice", "taken", "returned", "lost"))
    many, blank, language = wanted.get("quantity"), p.say("by_hand"), p.say.language
    pairs = p.pairs(
        ("number", said["requisition"]),
        ("incident", said["incident"]),
        ("owner", p.named(name, wanted.get("subject"))),
        ("item", f"{wanted.get('item')} × {many}" if many else None),
        ("model", wanted.get("model")),
        ("value", wanted.get("value")),
        ("basis", spoken.law(wanted.get("basis"), language)),
        ("purpose", wanted.get("use") or blank),  # what it is for; `purpose` says for what the owner's data are held
        ("executor", wanted.get("executor") or blank),
        ("tariff", spoken.tariff(wanted.get("tariff"), language)),
        ("until", p.time(wanted.get("until")) or blank),
        ("address", blank),
        ("contact", blank),
        ("necessity", approved.get("necessity") or wanted.get("necessity")),
        ("decided_by", " / ".join(part for part in (approved.get("by"), approved.get("second")) if part)),
        ("decided_at", p.time(approved.get("at"))),
        ("oral", oral.get("ordered_by")),
        ("notice", p.time(notice.get("at"))),
        ("remedy", spoken.remedy(notice.get("remedy") or {}, language, p.division)),
        ("taken", _condition(p, taken)),
        ("returned", _condition(p, returned)),
        ("lost", f"{p.time(lost['at'])} {lost['reason']}" if lost else None),
    )
    signs, notes = p.words("organ_sign", "owner_sign"), p.words("filled") if name else p.words("filled", "owner_named")
    return p.sheet("certificate", said["requisition"], said["issuer"], pairs=pairs, notes=notes, signs=signs)


def _condition(p: Printing, said: Row) -> str:
    return f"{p.time(said['at'])} {said['condition']}" if said else ""


def donation_receipt(p: Printing, gift: Row, name: str | None = None) -> Sheet:
    """What a donor gets (CHL-38); with their name where it was read for it."""
    pairs = p.pairs(
        ("number", gift["receipt"] or p.say("no_number")),
        ("gift", gift["donation"]),
        ("donor", p.named(name, spoken.donor(gift["donor"], p.say.language))),
        ("fund", gift["receiver"]),
        ("campaign", gift["campaign"]),
        ("money", gift["money"]),
        ("pieces", gift["pieces"]),
        ("accepted", sum(passed for *_, passed in gift["goods"]) if gift["goods"] else None),
        ("intent", p.division(gift["intent"])),
        ("handler", gift["handler"]),
        ("received_at", p.time(gift["at"])),
    )
    rows = tuple((p.item(item)[0], lot, str(qty), str(passed), p.item(item)[1]) for lot, item, qty, passed in gift["goods"])
    tables = (Table(p.words("item", "lot", "given", "passed", "unit"), rows, (36, 36, 15, 15, 12), (2, 3)),) if rows else ()
    notes, signs = () if name else (p.say("donor_named"),), p.words("seal", "handler")
    return p.sheet("donation", gift["donation"], gift["division"], pairs=pairs, tables=tables, notes=notes, signs=signs)


def labels(p: Printing, store: str, lots: Sequence[Row], places: list[str]) -> Labels:
    """A label for each lot, and for each position."""
    made, words = [], {"unshown": p.say("unshown"), "unbarred": p.say("qr_only")}
    for row in lots:
        name, unit = p.item(row["item"])
        until = f"{p.say('expires')} {row['expires']}" if row["expires"] else ""
        lies = " ".join(place for place in row.get("shelves", {}) if place)
        lines = (f"{name} {row['item']}" if name != row["item"] else name, until, f"{store} {lies}".strip(), f"{row['qty']} {unit}")
        made.append(Label(Code(LOT, (row["lot"],)).text, row["lot"], tuple(line for line in lines if line), **words))
    made += [Label(Code(POSITION, (store, place)).text, place, (f"{p.say('place')} {store}",), **words) for place in places]
    return Labels(tuple(made))
