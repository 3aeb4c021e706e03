"""A rights request on its way in: from who signs, from who showed number and code, from anybody (PIPL art. 50). Its words go into the
vault; nothing of the answer says whether anybody is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from services.privacy.deciders.duties.rights import CLOCK, PUBLIC, ReceiveRightsRequest
from services.privacy.deciders.streams import request_scope
from services.privacy.events.duties import Right
from services.privacy.projections import duties, records
from shared.handling.guard import is_public_id
from shared.handling.pending import Answer
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotAllowed
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.web.call import Call
from shared.web.host import Host
from shared.web.principals import ANYBODY
from shared.web.sealing import Seals
from shared.web.vaulted import ref_of, vault_of

SERVICE = "privacy"
SAID = ("kind", "name", "contact", "subject", "place", "text", "proof")  # fields of them
VOLUNTEER = "VOL"
NUMBER = re.compile("RQ-[0-9A-F]{12}")  # of a request to which one was given: nobody guesses it
SHOWN = "rights"  # the kind of proof that number and code were shown for


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `words` are for the vault alone; `proof` among them says what shows the kinship to a dead relative."""

    words: Mapping[str, str]
    subject: str | None = None
    right: Right | None = None
    relative: bool = False
    division: str | None = None
    request: str | None = None


def seals_of(host: Host) -> Seals:
    """The node's own, the same in every process: who showed number and code to the volunteers service is believed here."""
    return Seals(lambda: host.principals.secret)


def signer(host: Host, caller: Call, shown: str | None) -> Signature:
    """Who asks: as signed; the registered person whose number and code were shown; else anybody. NotAllowed for a proof that is over."""
    if caller.by is not ANYBODY:
        return caller.by
    if not shown:
        return Signature(PUBLIC, (PUBLIC,), realm=host.principals.realm)
    volunteer = seals_of(host).proven(SHOWN, shown, caller.now)
    if volunteer is None or not is_public_id(volunteer):
        raise NotAllowed(Failure("rights.shown", "it is over: show number and code again, or leave it out", "shown"))
    held = records.of_subject(host.read(SERVICE), volunteer)
    return Signature(volunteer, (VOLUNTEER,), held[0]["division"] if held else None, realm=host.principals.realm)


def themself(by: Signature, asked: Asked) -> str | None:
    """The number that was shown with its code, when it is that person's own data they ask for."""
    own = by.actor != PUBLIC and by.has(VOLUNTEER) and asked.subject in (None, "", by.actor)
    return by.actor if own and not asked.relative else None


async def ask(host: Host, caller: Call, by: Signature, asked: Asked, body: bytes) -> Answer:
    """The words into the vault, then the command that names them. Taken whatever is missing; the stream of the answer names it.

    What somebody without a token says of whom it is about is for the vault, whatever it looks like: the number of a passport, a name in
    letters, a landline would pass for a public number. Whoever checks the identity names the person (CheckRequestIdentity).
    """
    if caller.by is ANYBODY:
        subject = themself(by, asked)
    else:
        subject = asked.subject if asked.subject is not None and is_public_id(asked.subject) else None
    unfit = {"subject": asked.subject} if asked.subject and asked.subject != subject else {}
    known = asked.division is not None and host.directory.divisions.in_force(asked.division)
    where = {} if known or not asked.division else {"place": asked.division}
    words = {name: Personal(text) for name, text in {**asked.words, **unfit, **where}.items() if text}
    ref = ref_of(caller, words)
    request = asked.request or f"RQ-{ref.replace('-', '')[:12].upper()}"
    if words:
        await run_in_threadpool(vault_of(host).keep, Scope(*request_scope(request)), ref, words, caller.now)
    command = ReceiveRightsRequest(
        by=by,
        now=caller.now,
        cosigner=caller.cosigner,
        request=request,
        subject=subject,
        right=asked.right,
        digest=ref if words else "",
        relative=asked.relative,
        proof=ref if "proof" in words else None,
        division=asked.division if known else by.division or host.province,
    )
    return await caller.send(SERVICE, command, caller.request.scope["path"], body)


def receipt(host: Host, number: str) -> dict[str, Any] | None:
    """How far the request is that got this number, and by when it is answered; None for any other."""
    row = duties.find(host.read(SERVICE), "rights", number) if NUMBER.fullmatch(number) else None
    if row is None:
        return None
    said = row["said"]
    return {"state": row["state"], "received": row["at"], "due": row["due"].get(CLOCK), "outcome": said.get("outcome")}
