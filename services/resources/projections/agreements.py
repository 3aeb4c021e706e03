"""Agreements, call-offs and purchases as they stand."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.deciders.agreements.agreement import AGREEMENT, VALID_TO
from services.resources.deciders.agreements.call_off import CALL_OFF
from services.resources.deciders.agreements.procurement import PROCUREMENT, Procurement
from services.resources.deciders.agreements.state import Agreement, Called
from services.resources.projections.folded import Folded


def _agreement(one: Agreement) -> Mapping[str, str | None]:
    return {"state": one.status, "item": one.item, "supplier": one.supplier}


def _call_off(one: Called) -> Mapping[str, str | None]:
    return {"state": one.status, "agreement": one.agreement, "supplier": one.supplier, "incident": one.incident, "store": one.to_store}


def _procurement(one: Procurement) -> Mapping[str, str | None]:
    kept = one.recorded
    return {"ground": kept.ground if kept else None, "incident": kept.incident if kept else None}


class Agreements(Folded):
    """Builds the list of agreements."""


class CallOffs(Folded):
    """Builds the list of call-offs."""


class Procurements(Folded):
    """Builds the list of purchases."""


AGREEMENTS = Agreements("agreement", AGREEMENT, ("agreement",), _agreement, silent=(VALID_TO,))
CALL_OFFS = CallOffs("call_off", CALL_OFF, ("call_off",), _call_off)
PROCUREMENTS = Procurements("procurement", PROCUREMENT, ("procurement",), _procurement)
