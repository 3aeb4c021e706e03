"""How streams of the resources service are named."""

from __future__ import annotations

from hashlib import sha256

ID_LENGTH = 64  # of a public id


def item_stream(item: str) -> str:
    """An item of the catalogue."""
    return f"item-{item}"


def store_stream(store: str) -> str:
    """A warehouse or forward point."""
    return f"store-{store}"


def lot_stream(lot: str) -> str:
    """A lot wherever it lies: which item it is of. One lot id, one item, for ever."""
    return f"lot-{lot}"


def stock_stream(store: str, item: str) -> str:
    """What a store has of an item: a ledger by lot."""
    return f"stock-{store}.{item}"


def stocktake_stream(stocktake: str) -> str:
    """A count of a store, or of a part of it."""
    return f"stocktake-{stocktake}"


def import_stream(digest: str) -> str:
    """A file (or body) of many lines that was received as one: its digest is the key, so it counts once."""
    return f"import-{digest}"


def photo_stream(digest: str) -> str:
    """A photo of goods, by the digest of what was kept."""
    return f"photo-{digest}"


def norm_stream(place: str, item: str) -> str:
    """What a division or a store is to have of an item, and what people want of it."""
    return f"norm-{place}.{item}"


def notice_stream(store: str, item: str) -> str:
    """What was said of a threshold crossed in a store."""
    return f"notice-{store}.{item}"


def loan_stream(loan: str) -> str:
    """Goods lent out of a store, until they are back."""
    return f"loan-{loan}"


def vehicle_stream(vehicle: str) -> str:
    """A vehicle, and the shipment it is promised to."""
    return f"vehicle-{vehicle}"


def driver_stream(driver: str) -> str:
    """A driver by public handle, and the shipment they are promised to."""
    return f"driver-{driver}"


def request_stream(request: str) -> str:
    """A request for supplies."""
    return f"request-{request}"


def allocation_stream(allocation: str) -> str:
    """What was reserved in one store for one request."""
    return f"allocation-{allocation}"


def shipment_stream(shipment: str) -> str:
    """Goods under way, from the order to the reconciliation."""
    return f"shipment-{shipment}"


def distribution_stream(distribution: str) -> str:
    """Goods handed out to people at one place."""
    return f"distribution-{distribution}"


def handout_stream(household: str, period: str) -> str:
    """The turn of a household in a period: taken once."""
    return f"handout-{household}.{period}"


def agreement_stream(agreement: str) -> str:
    """A contract for production and supply."""
    return f"agreement-{agreement}"


def call_off_stream(call_off: str) -> str:
    """A call-off of an agreement."""
    return f"calloff-{call_off}"


def procurement_stream(procurement: str) -> str:
    """A purchase in an emergency, and why it was made so."""
    return f"procurement-{procurement}"


def requisition_stream(requisition: str) -> str:
    """A requisition (or a loan) from the request to the return."""
    return f"requisition-{requisition}"


def property_stream(property: str) -> str:
    """Property that may be requisitioned, as registered."""
    return f"property-{property}"


def thing_stream(owner: str, item: str) -> str:
    """A thing by its owner and description, however it is written: who has it."""
    written = "".join(f"{owner} {item}".casefold().split())
    return f"thing-{sha256(written.encode()).hexdigest()[:24]}"


def urgent_stream(division: str) -> str:
    """The urgent periods a division declared."""
    return f"urgent-{division}"


def held_stream(incident: str) -> str:
    """What was taken for an incident and is not back, and which responses to it run."""
    return f"held-{incident}"


def claim_for(what: str) -> str:
    """The id of the claim for it, where nobody names one; of a long one its digest, since nobody could name a claim of more characters."""
    claim = f"CL-{what}"
    return claim if len(claim) <= ID_LENGTH else f"CL-{sha256(what.encode()).hexdigest()[:16]}"


def claim_stream(claim: str) -> str:
    """Which requisition a claim for compensation is for."""
    return f"claim-{claim}"


def relief_stream(relief: str) -> str:
    """A claim for relief."""
    return f"relief-{relief}"


def campaign_stream(campaign: str) -> str:
    """A public fund-raising campaign."""
    return f"campaign-{campaign}"


def donation_stream(donation: str) -> str:
    """A gift."""
    return f"donation-{donation}"


def incident_stream(incident: str) -> str:
    """What resources needs to know of an incident: where it is, whether it is open."""
    return f"incident-{incident}"


def household_stream(household: str) -> str:
    """A household that may be helped."""
    return f"household-{household}"


def relief_tariff_stream(division: str, kind: str) -> str:
    """What a division pays for a kind of relief, year by year."""
    return f"tariff-{division}.{kind}"


def paid_stream(household: str, kind: str, incident: str) -> str:
    """One payment for each household, kind and incident: the key is the stream's name."""
    return f"once-{household}.{kind}.{incident}"


def winter_stream(division: str, year: int) -> str:
    """The need for help over a winter, counted once a year."""
    return f"winter-{division}.{year}"


def raiser_stream(fund_raiser: str) -> str:
    """Who raises funds or receives gifts: qualification, open campaigns, receipt numbers."""
    return f"raiser-{fund_raiser}"


def appeals_stream(incident: str) -> str:
    """The open campaigns for an incident, and whether its response is over."""
    return f"appeals-{incident}"


def disclosure_stream(disclosure: str) -> str:
    """What was published of goods and money."""
    return f"disclosure-{disclosure}"
