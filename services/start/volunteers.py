"""What the volunteers service has beside its log: the reception desk, its pages, and the larger bodies of uploads."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.registry.directory import Directory
from services.registry.provinces import Province
from services.start.part import Part
from services.start.settings import Settings
from services.volunteers.api.routes import router
from services.volunteers.pages.routes import router as pages_of
from services.volunteers.reception.codes import Codes
from services.volunteers.reception.desk import Desk
from services.volunteers.reception.forms import Forms
from services.volunteers.reception.intake import Intake
from services.volunteers.reception.sealing import Sealer
from services.volunteers.service import VOLUNTEERS
from shared.runtime.process import Process
from shared.sql.ports import Databases
from shared.web.host import Host

UPLOADS = 9 * 1024 * 1024  # bytes of a form with two files
ENCODED = 12 * 1024 * 1024  # the same as base64 in JSON


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> Desk:
    """The desk over the process's vault. Its keys are the node's; codes lie beside the log."""
    if host.vault is None:
        raise ValueError("volunteers register with values that only a vault may hold")
    keys = settings.folder / "keys"
    forms = Forms(keys / "forms.key")
    codes = Codes(stores.at("codes"), forms)
    return Desk(host.vault, codes, forms, Sealer(keys / "certificates.pem"), Intake(host.vault, codes))


def routes(host: Host, directory: Directory, desk: Desk | None) -> APIRouter:
    return router(host, directory, desk)


def pages(host: Host, desk: Desk) -> Sequence[APIRouter]:
    """Registration, one's own data, and the page that verifies a certificate."""
    return (pages_of(host, desk),)


PART = Part(
    VOLUNTEERS,
    routes,
    furnish,
    pages,
    vault=True,
    limits={"/volunteer": UPLOADS, "/api/volunteers/volunteers": ENCODED},
    stores={"codes": Codes},
    master=("force-", "policy-"),
)
