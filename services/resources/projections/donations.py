"""What everybody may see: gifts by pseudonym, campaigns with their terms, disclosures."""

from __future__ import annotations

from typing import Any

import msgspec

from services.resources.deciders.donations.campaign_state import Campaign
from services.resources.deciders.donations.campaign_state import evolve as campaign_after
from services.resources.deciders.donations.state import Donation
from services.resources.deciders.donations.state import evolve as donation_after
from services.resources.events.campaign import CampaignBooked
from services.resources.events.disclosure import DisclosurePublished
from services.resources.events.donation import DonationInspected, DonationPledged, DonationReceipted, DonationReceived
from shared.handling.declare import Rows, Table
from shared.handling.merging import paged
from shared.handling.timers import utc
from shared.kernel.decoding import decoder
from shared.kernel.envelope import Envelope
from shared.kernel.events import family, registered
from shared.sql.ports import Connection

Row = dict[str, Any]
GIFT = Table(
    "donation",
    key=("donation",),
    columns={
        "donation": "TEXT NOT NULL",
        "campaign": "TEXT",
        "pieces": "INTEGER NOT NULL",  # goods that came
        "accepted": "INTEGER NOT NULL",
        "rejected": "INTEGER NOT NULL",
        "receipted": "INTEGER NOT NULL",
        "publish_name": "INTEGER NOT NULL",
        "body": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("campaign", "position")),
)
DONOR = Table("donor", key=("donor",), columns={"donor": "TEXT NOT NULL", "number": "INTEGER NOT NULL"})
CAMPAIGN = Table(
    "campaign",
    key=("campaign",),
    columns={
        "campaign": "TEXT NOT NULL",
        "incident": "TEXT",
        "open": "INTEGER NOT NULL",
        "body": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",),),
)
DISCLOSURE = Table(
    "disclosure",
    key=("disclosure",),
    columns={
        "disclosure": "TEXT NOT NULL",
        "matter": "TEXT NOT NULL",
        "incident": "TEXT",
        "until": "TEXT",
        "body": "TEXT NOT NULL",
        "position": "INTEGER NOT NULL",
    },
    indexes=(("position",), ("incident", "position")),
)
COUNT = ""  # how many donors there are, beside the donors: the key of nobody
_gifts, _campaigns = decoder(Donation), decoder(Campaign)
_disclosures = decoder(DisclosurePublished)


def _families(*aggregates: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(family(name) for name, _ in registered("resources") if name.split(".")[1] in aggregates))


class Donations:
    """Builds the public ledger."""

    tables: tuple[Table, ...] = (GIFT, DONOR, CAMPAIGN, DISCLOSURE)
    listens: tuple[str, ...] = (
        *_families("donation", "campaign", "disclosure"),
        family("resources.guard.campaign_booked.v1"),
        "resources.clock.missed",
    )

    def apply(self, rows: Rows, event: Any, at: Envelope) -> None:
        kind, _, name = at.streamid.partition("-")
        if isinstance(event, DisclosurePublished):
            said = {"matter": event.matter.value, "incident": event.incident, "until": utc(event.until) if event.until else None}
            body = msgspec.json.encode(event).decode()
            rows.put(DISCLOSURE, disclosure=event.disclosure, body=body, position=at.position, **said)
        elif kind == "donation":
            _gave(rows, name, event, at)
        elif kind == "campaign" or isinstance(event, CampaignBooked):
            before = rows.get(CAMPAIGN, name)
            campaign = campaign_after(_campaigns.decode(before["body"]) if before else Campaign(), event)
            body, open_ = msgspec.json.encode(campaign).decode(), int(campaign.status == "open")
            rows.put(CAMPAIGN, campaign=name, incident=campaign.incident, open=open_, body=body, position=at.position)


def _gave(rows: Rows, name: str, event: Any, at: Envelope) -> None:
    before = rows.get(GIFT, name)
    gift = donation_after(_gifts.decode(before["body"]) if before else Donation(), event)
    row = before or {"pieces": 0, "accepted": 0, "rejected": 0, "receipted": 0, "publish_name": 0}
    match event:
        case DonationReceived():
            row |= {"pieces": event.pieces, "publish_name": int(event.publish_name)}
        case DonationInspected():
            row |= {"accepted": event.accepted, "rejected": event.rejected}
        case DonationReceipted():
            row |= {"receipted": int(event.receipt is not None)}  # nobody has a paper where none was given
    if isinstance(event, DonationPledged | DonationReceived) and event.donor is not None and rows.get(DONOR, event.donor) is None:
        known = rows.get(DONOR, COUNT)
        number = known["number"] + 1 if known else 1
        rows.put(DONOR, donor=COUNT, number=number)
        rows.put(DONOR, donor=event.donor, number=number)
    changed = {"donation": name, "campaign": gift.campaign, "body": msgspec.json.encode(gift).decode(), "position": at.position}
    rows.put(GIFT, **(row | changed))


def gift_of(row: Row) -> Donation:
    """The gift of a row."""
    return _gifts.decode(row["body"])


def campaign_of(row: Row) -> Campaign:
    """The campaign of a row."""
    return _campaigns.decode(row["body"])


def disclosure_of(row: Row) -> DisclosurePublished:
    """The disclosure of a row."""
    return _disclosures.decode(row["body"])


def pseudonym(db: Connection, donor: str | None) -> str:
    """What a donor is called in public: the same for every gift of theirs."""
    if donor is None:
        return "anonymous"
    row = db.execute("SELECT number FROM donor WHERE donor = ?", (donor,)).fetchone()
    return f"donor {row[0]}" if row is not None else "donor"


def find(db: Connection, table: Table, name: str) -> Row | None:
    """A gift, campaign or disclosure by its id."""
    row = db.execute(f"SELECT * FROM {table.name} WHERE {table.key[0]} = ?", (name,)).fetchone()
    return dict(row) if row is not None else None


def listed(db: Connection, table: Table, *, before: int | None, limit: int, **named: str | None) -> list[Row]:
    """The last changed first; `named` are columns and what they must hold."""
    where, values = paged(db, before, **named)
    return [dict(row) for row in db.execute(f"SELECT * FROM {table.name} WHERE {where} ORDER BY position DESC LIMIT ?", (*values, limit))]


def open_for(db: Connection, fund_raiser: str) -> list[Campaign]:
    """The open campaigns of a fund-raiser."""
    found = [campaign_of(dict(row)) for row in db.execute("SELECT * FROM campaign WHERE open = 1")]
    return [one for one in found if one.fund_raiser == fund_raiser]
