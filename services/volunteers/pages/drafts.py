"""Files of a form that was not in order yet: kept in the vault for an hour, so that nobody has to choose them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from starlette.concurrency import run_in_threadpool

from services.volunteers.reception.desk import Desk
from shared.kernel.commands import derived_id
from shared.kernel.errors import Destroyed, Failure, RuleBroken
from shared.vault.personal import Personal
from shared.vault.scope import REGISTER, Scope, person_ref
from shared.web import uploads
from shared.web.call import Call
from shared.web.host import Host
from shared.web.posting import Posted

PURPOSE = "register.draft"
TAKES: Mapping[str, uploads.Take] = {"photo": uploads.photo, "certificate": uploads.document}


@dataclass(frozen=True, slots=True)
class Taken:
    """Files that are in order, what the form carries of them, and what is wrong with the others."""

    files: Mapping[str, Personal[bytes]]
    carried: Mapping[str, str]
    spoiled: tuple[Failure, ...]


class Drafts:
    """No event names them, so the vault sweeps them by itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def take(self, host: Host, caller: Call, sent: Posted, browser: str) -> Taken:
        """What was sent now, else what was kept of what was sent before from this browser."""
        files: dict[str, Personal[bytes]] = {}
        carried: dict[str, str] = {}
        spoiled: list[Failure] = []
        limits = uploads.Limits.of(host.directory.rules_for(None, caller.now, None).value("registration.upload"))
        for name, take in TAKES.items():
            try:
                if name in sent.files:
                    files[name] = await uploads.taken(take, sent.files[name], limits)
                    carried[name] = await run_in_threadpool(self._keep, name, files[name], browser, caller)
                elif before := sent.one(f"{name}_kept"):
                    files[name] = await run_in_threadpool(self._kept, name, before, browser)
                    carried[name] = before
            except RuleBroken as refusal:
                spoiled += refusal.failures
        return Taken(files, carried, tuple(spoiled))

    def _keep(self, name: str, file: Personal[bytes], browser: str, caller: Call) -> str:
        ref = person_ref(derived_id("draft", browser, name, sha256(file.reveal()).hexdigest()))
        self._desk.vault.keep(Scope(f"draft-{ref}", REGISTER, PURPOSE), ref, {name: file}, caller.now)
        return f"{ref}.{self._desk.forms.seal('draft', name, ref, browser)}"

    def _kept(self, name: str, carried: str, browser: str) -> Personal[bytes]:
        ref, _, seal = carried.partition(".")
        again = RuleBroken(Failure("upload.again", "choose the file again", name))
        if not self._desk.forms.sealed(seal, "draft", name, ref, browser):
            raise again
        try:
            file = self._desk.vault.read([ref], [name])[ref].get(name)
        except Destroyed:
            raise again from None
        if file is None or isinstance(value := file.reveal(), str):
            raise again
        return Personal(value)
