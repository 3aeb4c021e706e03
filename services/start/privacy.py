"""What privacy has beside its log: the custodian of the vault, and the search after a destruction."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.privacy.api.routes import OPERATIONS, router
from services.privacy.custodian import Custodian
from services.privacy.pages.rights import router as pages_of
from services.privacy.searching.searcher import Searcher
from services.privacy.service import PRIVACY
from services.registry.directory import Directory
from services.registry.provinces import Province
from services.start.part import Part
from services.start.settings import ClusterSettings, Settings
from shared.kernel.realm import REAL
from shared.runtime.process import Process
from shared.sql.ports import Databases
from shared.web.host import Host


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> Searcher | None:
    """Add the custodian, and open the search; a process without a vault has neither."""
    vault = host.vault
    if vault is None:
        return None
    privacy = host.running[PRIVACY.name]
    received = isinstance(settings, ClusterSettings)
    heard = [feed for feed in privacy.others if feed.name.endswith((".alerts", ".volunteers"))]
    privacy.add(lambda: Custodian(privacy.log, vault, vault.database, privacy.writer.submit, host.now, heard, received))
    folder = settings.folder.resolve()
    root = settings.root_key if host.principals.realm == REAL else None
    backups = settings.backups or folder.with_name(f"{folder.name}.backups")
    named = received or settings.backups is not None
    today = root or folder.with_name(f"{folder.name}.root.key")
    return Searcher(host.running, vault, backups, today, named, None if received else host.blobs)  # a cluster's lie with other services


def routes(host: Host, directory: Directory, searcher: Searcher | None) -> APIRouter:
    return router(host, searcher)


def pages(host: Host, searcher: Searcher | None) -> Sequence[APIRouter]:
    """Where anybody asks for their rights."""
    return (pages_of(host),)


PART = Part(PRIVACY, routes, furnish, pages, asked=OPERATIONS, vault=True)
