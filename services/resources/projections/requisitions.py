"""Requisitions as they stand, and the register of property that may be requisitioned."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.deciders.requisitions.register import PROPERTY, Property
from services.resources.deciders.requisitions.requisition import REQUISITION
from services.resources.deciders.requisitions.state import APPROVED, BACK, CLOSED, HERE, REFUSED, REVOKED, SERVED, Requisition
from services.resources.deciders.requisitions.taking import UNTIL
from services.resources.deciders.streams import thing_stream
from services.resources.projections.folded import Folded
from shared.sql.ports import Connection

OVER = (*BACK, CLOSED, REFUSED, REVOKED)
DECIDED = (APPROVED, SERVED, *HERE)
MANY = 1_000  # of one owner at a time


def _requisition(one: Requisition) -> Mapping[str, str | None]:
    wanted = one.wanted
    return {
        "state": one.status,
        "open": "no" if one.status in OVER else "yes",
        "incident": one.incident,
        "subject": wanted.subject if wanted else None,
        "property": wanted.property if wanted and one.status in HERE else None,
    }


def _property(one: Property) -> Mapping[str, str | None]:
    return {"item": one.item, "place": one.place, "retired": "yes" if one.retired else "no"}


class Requisitions(Folded):
    """Builds the list of requisitions."""


class Properties(Folded):
    """Builds the register of property."""


REQUISITIONS = Requisitions("requisition", REQUISITION, ("requisition",), _requisition, silent=(UNTIL,))
PROPERTIES = Properties("property", PROPERTY, ("property",), _property)


def gone(db: Connection, property: str, owner: str, name: str) -> str | None:
    """The requisition or loan that has this property of the register, or is approved for it; named by its id or described as it is."""
    thing = thing_stream(owner, name)
    for row in REQUISITIONS.listed(db, before=None, limit=MANY, subject=owner, open="yes"):
        one: Requisition = REQUISITIONS.state(row)
        if one.wanted and one.status in DECIDED and (one.wanted.property == property or thing_stream(owner, one.wanted.item) == thing):
            return one.requisition
    return None
