"""What privacy has beside its log: the custodian of the vault, and the search after a destruction."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.privacy.api.routes import OPERATIONS, router
from services.privacy.channels.letters import CallUpLetters, call_up_of
from services.privacy.custodian import Custodian
from services.privacy.pages.rights import router as pages_of
from services.privacy.searching.searcher import Searcher
from services.privacy.service import PRIVACY
from services.registry.directory import Directory
from services.registry.provinces import Province
from services.start.part import Part
from services.start.settings import ClusterSettings, Settings
from services.volunteers.reception.links import AnswerLinks, Invited
from shared.kernel.realm import REAL
from shared.reach.mail import MailServer
from shared.reach.outbox import Outbox, launch
from shared.reach.ports import Letter
from shared.reach.queue import Queue
from shared.runtime.clock import RealClock
from shared.runtime.process import Process
from shared.sql.ports import Database, Databases
from shared.vault.vault import Vault
from shared.web.host import Host
from shared.web.sealing import Seals


def furnish(host: Process, stores: Databases, own: Province, settings: Settings) -> Searcher | None:
    """Add the custodian, and open the search; a process without a vault has neither."""
    vault = host.vault
    if vault is None:
        return None
    privacy = host.running[PRIVACY.name]
    received = isinstance(settings, ClusterSettings)
    heard = [feed for feed in privacy.others if feed.name.endswith((".alerts", ".volunteers"))]
    privacy.add(lambda: Custodian(privacy.log, vault, vault.database, privacy.writer.submit, host.now, heard, received))
    privacy.add(lambda: _outbox(host, vault, stores.at("letters"), own, settings))
    folder = settings.folder.resolve()
    root = settings.root_key if host.principals.realm == REAL else None
    backups = settings.backups or folder.with_name(f"{folder.name}.backups")
    named = received or settings.backups is not None
    today = root or folder.with_name(f"{folder.name}.root.key")
    return Searcher(host.running, vault, backups, today, named, None if received else host.blobs)  # a cluster's lie with other services


def _outbox(host: Process, vault: Vault, store: Database, own: Province, settings: Settings) -> Outbox:
    """Writes to who is called. Nothing leaves a drill, or a node that plays a story."""
    privacy, wall = host.running[PRIVACY.name], RealClock(own.zone).now
    exercise = host.principals.realm != REAL
    silent = "a drill" if exercise else "a node on story time" if settings.story_clock else None
    links, base = AnswerLinks(Seals(lambda: host.principals.secret)), (settings.public_url or "").rstrip("/")

    def link_of(letter: Letter) -> str | None:
        ends = host.now() + host.directory.rules_for(letter.division, host.now(), None).value("channel.link_valid")
        return base + links.path(Invited(letter.recipient, call_up_of(letter)), ends) if base else None

    mail = None if silent else MailServer.from_environment(settings.smtp)
    letters = CallUpLetters(mail, vault, privacy.writer.submit, link_of, host.now, wall, silent)
    return Outbox(
        Queue(store),
        privacy.log,
        letters,
        rules_for=host.directory.rules_for,
        submit=privacy.writer.submit,
        clock=host.now,
        wall=wall,
        launch=launch,
        wake=lambda: host.nudge(PRIVACY.name),
    )


def routes(host: Host, directory: Directory, searcher: Searcher | None) -> APIRouter:
    return router(host, searcher)


def pages(host: Host, searcher: Searcher | None) -> Sequence[APIRouter]:
    """Where anybody asks for their rights."""
    return (pages_of(host),)


PART = Part(PRIVACY, routes, furnish, pages, asked=OPERATIONS, vault=True, stores={"letters": Queue})
