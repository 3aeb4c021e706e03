"""Where goods come from, go to and lie: the words of the facts of stock."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where goods come from: each has an account that owes them."""

    OPENING = "opening"  # what was there when the books were opened
    PURCHASE = "purchase"
    AGREEMENT = "agreement"
    DONATION = "donation"
    TRANSFER = "transfer"  # out of a shipment
    REQUISITION = "requisition"


class Use(StrEnum):
    """Where goods go to when they leave a store for good or for now."""

    TRANSIT = "transit"  # loaded on a shipment
    PEOPLE = "people"  # used up on the site, or handed out
    SITE = "site"  # used up on the site
    BORROWER = "borrower"  # lent, to come back


class Bucket(StrEnum):
    """The accounts inside a store."""

    AVAILABLE = "available"
    RESERVED = "reserved"  # by allocation
    QUARANTINED = "quarantined"


class From(StrEnum):
    """Who brings goods back."""

    PEOPLE = "people"
    TRANSIT = "transit"  # not loaded, or turned back
    BORROWER = "borrower"
