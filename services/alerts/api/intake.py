"""`ReceiveReport` without or with a token, and what becomes of it: the words go into the vault, the fact names the reference."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.alerts.deciders.reports.commands import ReceiveReport
from services.alerts.deciders.reports.intake import ANYBODY as FINDER
from services.alerts.projections import reports, triage
from shared.blobs.store import digest
from shared.geo.divisions import Divisions
from shared.handling.guard import is_public_id, masked
from shared.kernel.commands import Signature
from shared.kernel.errors import Failure, NotFound
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted
from shared.web.host import Host
from shared.web.limiting import Buckets
from shared.web.paging import Caller, Row
from shared.web.principals import ANYBODY
from shared.web.problems import MEDIA_TYPE, RESPONSES, Malformed, TooMany
from shared.web.vaulted import Value, ref_of, vault_of

ReportId = Annotated[str, Path(min_length=1, max_length=64)]
PROBLEM = {"description": "Too often", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another
_GROUPS, _IN_A_GROUP = 3, 4  # of a receipt number: nobody guesses one of 30^12
PUBLIC_NUMBER = "P-"
WORDS, PURPOSE = "words", "report.words"  # the field and the purpose under which the vault keeps them
REGISTER = "report:"  # the vault's of a report: the finder's number is a link and nobody's proof, so words lie under the report's own
LOOKED_AT = 500  # characters searched for a place
_SALT = secrets.token_hex(16)


class ReceiveReportBody(BaseModel):
    """What somebody saw, and where. Everything is kept as it was written; nothing is refused for what it says."""

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, Field(max_length=500, description="a division's code or name, or any words")] = ""
    text: Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S")]  # blanks say nothing
    type: Annotated[str | None, Field(max_length=100)] = None
    report: Annotated[str | None, Field(max_length=64, description="an id of your own; without a token the number is given")] = None
    subject: Annotated[str | None, Field(max_length=64, description="the finder's public number, where contact data is left")] = None
    purpose: Annotated[str | None, Field(max_length=100, description="what the contact data may be used for")] = None


def add(router: APIRouter, host: Host, log: str) -> None:
    buckets = Buckets()

    @router.post(
        "/reports",
        operation_id="ReceiveReport",
        status_code=201,
        response_model=None,
        responses={201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES, 429: PROBLEM},
    )
    async def receive_report(body: ReceiveReportBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Report an emergency or a sign of one. Anybody may, without a token; the answer's `report` is the receipt number."""
        by = caller.by
        if by is ANYBODY:
            _take_turn(buckets, host, caller)
            if body.report is not None:
                raise Malformed(Failure("schema", "without a token leave it out: the number is given", "report"))
            by = Signature(FINDER, (FINDER,), realm=host.principals.realm)
            if caller.key is not None:  # strangers are one caller: the same words under the same key are the same report
                caller.key = f"{digest(await caller.request.body())}:{caller.key}"
        subject = body.subject if body.subject is None or is_public_id(body.subject) else None
        said = _said(body, subject)
        values: dict[str, Value] = {WORDS: Personal(said)}
        ref = ref_of(caller, values)
        report = body.report or _number(ref)
        if is_public_id(report):  # else it is refused, and what was typed is written nowhere
            await run_in_threadpool(vault_of(host).keep, Scope(report, REGISTER + report, PURPOSE), ref, values, caller.now)
        place = place_of(body.place or body.text, host.directory.divisions)
        command = ReceiveReport(
            by=by,
            now=caller.now,
            cosigner=caller.cosigner,
            report=report,
            ref=ref,
            size=len(said.encode()),
            division=place or by.division or host.province,
            place=place,
            type=body.type,
            subject=subject,
            purpose=masked(body.purpose, host.knows) if body.purpose else None,
            alike=_alike(caller, body),
        )
        return answered(log, await caller.send("alerts", command, caller.request.scope["path"], await caller.request.body()))

    @router.get("/receipts/{report}", operation_id="GetReceipt", responses=RESPONSES)
    def get_receipt(report: ReportId, caller: Caller) -> Row:
        """What became of a report, for whoever holds its number. Says nothing of what it said."""
        db = host.read("alerts")
        row = reports.find(db, report)
        if row is None or row["cluster"] is None or not (report.startswith(PUBLIC_NUMBER) or row["actor"] == caller.by.actor):
            raise NotFound(Failure("reference", "no report has this number: check each letter", "report"))
        status = row["status"]
        if status == "received":
            status = triage.finding(db, row["cluster"], report) or "being_verified"
        return {"report": report, "status": status, "received": row["since"], "positions": host.positions()}


def place_of(said: str, divisions: Divisions) -> str | None:
    """The division somebody means: by its code, or by the longest name among the first words; None when it is not understood, or when
    several are named so."""
    place = said[:LOOKED_AT].strip()
    if divisions.in_force(place):
        return place
    words = place.casefold()
    said_of = [(name, code) for name, code in _names(divisions).items() if name in words]
    named = [(len(name), code) for name, code in said_of if not name.isascii() or re.search(rf"\b{re.escape(name)}\b", words)]
    longest = max((length for length, _ in named), default=0)
    meant = {code for length, code in named if length == longest}
    return meant.pop() if len(meant) == 1 else None


@lru_cache(4)  # the tree is another object once a day, or when divisions change
def _names(divisions: Divisions) -> dict[str, str | None]:
    """The division of each name; None of a name that several have."""
    found: dict[str, str | None] = {}
    for unit in divisions:
        for name in {unit.zh.casefold(), unit.en.casefold()} - {""} if divisions.in_force(unit.code) else ():
            found[name] = unit.code if found.get(name, unit.code) == unit.code else None
    return found


def _alike(caller: Call, body: ReceiveReportBody) -> str:
    """What equal words of one sender have in common while this process lives; without its salt nobody can guess them."""
    client = caller.request.client
    said = (caller.by.actor, client.host if client else "", body.place, body.text)
    return digest(msgspec.json.encode((_SALT, *said)))[:16]


def _take_turn(buckets: Buckets, host: Host, caller: Call) -> None:
    rate: dict[str, Any] = host.directory.rules_for(None, caller.now, None).value("report.intake_rate")
    client = caller.request.client
    wait_s = buckets.wait_s(client.host if client else "", rate["burst"], rate["per_minute"], time.monotonic())
    if wait_s:
        raise TooMany(
            Failure("report.intake_rate", f"send it again in {wait_s} s; in danger of life call 110, 119 or 120"), retry_after_s=wait_s
        )


def _said(body: ReceiveReportBody, subject: str | None) -> str:
    """The words as they were written; with a finder's number that is none, which is kept beside them."""
    kept = {"place", "text", "type"} if subject == body.subject else {"place", "text", "type", "subject"}
    return msgspec.json.encode(body.model_dump(include=kept)).decode()


def _number(ref: str) -> str:
    """The receipt number of what is kept under this reference: sent again under its key, a report is still the same."""
    drawn = sha256(ref.encode()).digest()
    letters = [_LETTERS[int.from_bytes(drawn[2 * n : 2 * n + 2]) % len(_LETTERS)] for n in range(_GROUPS * _IN_A_GROUP)]
    return PUBLIC_NUMBER + "-".join("".join(letters[n : n + _IN_A_GROUP]) for n in range(0, len(letters), _IN_A_GROUP))
