"""Requisitions as they stand, and the register of property that may be requisitioned."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.deciders.requisitions.register import PROPERTY, Property
from services.resources.deciders.requisitions.requisition import REQUISITION
from services.resources.deciders.requisitions.state import BACK, CLOSED, HERE, REFUSED, REVOKED, Requisition
from services.resources.deciders.requisitions.taking import UNTIL
from services.resources.projections.folded import Folded

OVER = (*BACK, CLOSED, REFUSED, REVOKED)


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
