"""Operations on the data of persons: what holds values first goes to the vault, what reads them gets them after the fact is durable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.privacy.api.opening import unopened, values_of, waiting
from services.privacy.deciders.records import commands
from services.privacy.deciders.records.collecting import register_for
from services.privacy.deciders.records.exporting import ExportPersonalData
from services.privacy.deciders.records.record import RECORD
from services.privacy.deciders.records.state import Held, Person
from services.privacy.deciders.streams import person_stream
from shared.handling.guard import is_public_id
from shared.handling.wellformed import born, is_line, is_mail
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, RuleBroken, refuse_all
from shared.vault.scope import Scope
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted
from shared.web.host import Host
from shared.web.problems import RESPONSES
from shared.web.vaulted import Field_, Values, first, ref_of, vault_of

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/people/{subject}/attachment", commands.AttachPersonalData),
    ("/people/{subject}/disclosures", commands.DisclosePersonalData),
    ("/people/{subject}/deferred-notice", commands.GiveDeferredNotice),
    ("/people/{subject}/locks/{lock}", commands.LockPersonalData),
    ("/people/{subject}/locks/{lock}/release", commands.ReleaseLock),
    ("/people/{subject}/consent-withdrawal", commands.WithdrawConsent),
    ("/people/{subject}/erasure", commands.ErasePersonalData),
)
ACCEPTED: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES}
Subject = Annotated[str, Path(min_length=1, max_length=64)]
Id = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Asked = Annotated[Call, Depends(call)]
KEPT = {
    "sensitive",
    "basis",
    "notice",
    "deferred",
    "consent",
    "separate_consent",
    "under_14",
    "guardian",
    "division",
    "purpose",
    "incident",
    "report",
}


class CollectBody(Values):
    """What is collected of a person, and for what."""

    purpose: Id | None = None
    incident: Id | None = None
    report: Annotated[Id | None, Field(description="the report it came with, while no incident is known")] = None
    sensitive: Annotated[list[Field_], Field(max_length=40, default_factory=list)]
    basis: Id | None = None
    notice: Id | None = None
    deferred: Words | None = None
    consent: Words | None = None
    separate_consent: Words | None = None
    under_14: bool = False
    guardian: Words | None = None
    division: Id | None = None


class CorrectBody(Values):
    """Values that take the place of what was held."""

    purpose: Id | None = None
    incident: Id | None = None
    reason: Words | None = None
    request: Id | None = None


class ReadBody(BaseModel):
    """Whose fields are read for what: one person or up to 200."""

    model_config = ConfigDict(extra="forbid")

    subject: Id | None = None
    subjects: Annotated[list[Id], Field(max_length=1000)] = []
    field: Field_ | None = None
    fields: Annotated[list[Field_], Field(max_length=40)] = []
    purpose: Id | None = None
    incident: Id | None = None

    @model_validator(mode="after")
    def _someone(self) -> ReadBody:
        if self.subject is None and not self.subjects:
            raise ValueError("name a subject, or subjects")
        return self


def add(router: APIRouter, host: Host, log: str) -> None:
    _collecting(router, host, log)
    _reading(router, host, log)


def _collecting(router: APIRouter, host: Host, log: str) -> None:
    @router.post("/people/{subject}/records", operation_id="CollectPersonalData", status_code=201, response_model=None, responses=ACCEPTED)
    async def collect(subject: Subject, body: CollectBody, caller: Asked) -> Response:
        """Hold data of a person for a declared purpose. Values go to the vault before anything is decided; a refusal leaves an orphan
        that is destroyed within the hour."""
        said = body.model_dump(include=KEPT)
        fields = {**said, "subject": subject, "sensitive": tuple(body.sensitive), "fields": body.fields(), "ref": None}
        if body.fields():
            caller.allowed(lambda: host.directory.may("CollectPersonalData", caller.by, None))
            if (scope := await run_in_threadpool(_scope, host, caller, subject, body)) is not None:
                ref = ref_of(caller, body.personal())
                fields |= {"ref": ref, "register": scope.register}
                await run_in_threadpool(vault_of(host).keep, scope, ref, body.personal(), caller.now)
        return answered(log, await caller.handle("privacy", commands.CollectPersonalData, fields))

    @router.post(
        "/people/{subject}/corrections", operation_id="CorrectPersonalData", status_code=201, response_model=None, responses=ACCEPTED
    )
    async def correct(subject: Subject, body: CorrectBody, caller: Asked) -> Response:
        """Replace values that are wrong. The new ones go to the vault before anything is decided, the old ones leave it after."""
        said = body.model_dump(include={"purpose", "incident", "reason", "request"})
        fields = {**said, "subject": subject, "fields": body.fields(), "ref": None}
        caller.allowed(lambda: host.directory.may("CorrectPersonalData", caller.by, None))
        ref = ref_of(caller, body.personal())
        held = await run_in_threadpool(_held, host, subject, body)
        refuse_all(RuleBroken, list(_unfit(body, held)))
        if held is not None and body.fields():
            scope = Scope(subject, held.register, held.purpose)
            await run_in_threadpool(vault_of(host).keep, scope, ref, body.personal(), caller.now)
        fields["ref"] = ref
        return answered(log, await caller.handle("privacy", commands.CorrectPersonalData, fields))


def _reading(router: APIRouter, host: Host, log: str) -> None:
    @router.post("/readings", operation_id="ReadPersonalData", status_code=201, response_model=None, responses=ACCEPTED)
    async def read(body: ReadBody, caller: Asked) -> Response:
        """Read fields of up to 200 persons for one purpose. Without an incident the only one they are held for is meant; where there are
        several, name it: fact and answer do. The fact is durable before the values leave; of one person they stand
        in the answer under their own names too."""
        subjects = tuple(dict.fromkeys([*([body.subject] if body.subject else []), *body.subjects]))
        asked = tuple(dict.fromkeys([*([body.field] if body.field else []), *body.fields]))
        fields = {"subjects": subjects, "fields": asked, "purpose": body.purpose, "incident": body.incident}
        answer = await caller.handle("privacy", commands.ReadPersonalData, fields)
        first(answer)
        records: dict[str, dict[str, str]] = answer.extra["records"]
        values = await values_of(host, _refs(records.items()))
        told = {
            subject: {name: values[ref][name] for name, ref in refs.items() if name in values[ref]} for subject, refs in records.items()
        }
        alone = told[subjects[0]] if len(subjects) == 1 else {}
        return answered(log, answer, **alone, values=told, records=None)

    @router.post("/people/{subject}/export", operation_id="ExportPersonalData", status_code=201, response_model=None, responses=ACCEPTED)
    async def export(subject: Subject, caller: Asked, body: ExportBody | None = None) -> Response:
        """Everything that is held of a person, for that person. `unopened`: what a restored node holds and cannot open; `pending`: what
        is still being copied, so that it can be exported later."""
        fields = {"subject": subject, "request": body.request if body is not None else None}
        answer = await caller.handle("privacy", ExportPersonalData, fields)
        first(answer)
        held: list[dict[str, Any]] = answer.extra["records"]
        refs = _refs((subject, one["refs"]) for one in held)
        values = await values_of(host, refs, some=True)
        pending = await waiting(host, refs, values)
        told = [
            {
                **{name: said for name, said in one.items() if name != "refs"},
                "values": {name: values[ref][name] for name, ref in one["refs"].items() if name in values.get(ref, ())},
                **unopened(one["refs"], values, pending),
            }
            for one in held
        ]
        return answered(log, answer, records=told)


class ExportBody(BaseModel):
    """By which request, when another than the person asks."""

    model_config = ConfigDict(extra="forbid")

    request: Id | None = None


def _refs(records: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, tuple[str, set[str]]]:
    found: dict[str, tuple[str, set[str]]] = {}
    for subject, refs in records:
        for name, ref in refs.items():
            found.setdefault(ref, (subject, set()))[1].add(name)
    return found


def _scope(host: Host, caller: Call, subject: str, body: CollectBody) -> Scope | None:
    """Under which key values are kept, as the decider will say it. None: it will refuse, and what was typed is written nowhere."""
    rules = host.directory.rules_for(body.division or caller.by.division, caller.now, caller.pack)
    found = next((row for row in rules.value("privacy.purposes") if row["purpose"] == body.purpose), None)
    if found is None or not all(map(is_public_id, (subject, body.incident or subject, body.report or subject))):
        return None
    return Scope(subject, register_for(_person(host, subject), found, body.report, body.incident), found["purpose"])


def _person(host: Host, subject: str) -> Person:
    return RECORD.fold([one.event for one in host.history("privacy", person_stream(subject))])


def _held(host: Host, subject: str, body: CorrectBody) -> Held | None:
    """The one record that is meant; None where the decider will refuse."""
    live = [one for one in _person(host, subject).of(body.purpose or "", body.incident) if not one.destroyed]
    return live[0] if len(live) == 1 else None


def _unfit(body: CorrectBody, held: Held | None) -> Iterable[Failure]:
    """A correction that cannot be true; whose number it is nobody knows here (PIPL art. 8)."""
    for name, value in body.values.items() if held is not None else ():
        resident = name == "id_number" and held is not None and "document" not in held.fields
        if name.endswith("phone") and not is_line(value):
            yield Failure("PIPL-8", "a phone number, such as 138 0000 0000 or +976 0000 0000", f"values.{name}")
        elif name == "email" and not is_mail(value):
            yield Failure("PIPL-8", "a mail address, such as name@example.org", f"values.{name}")
        elif resident and born(value) is None:
            yield Failure("PIPL-8", "the identity number is not well formed (GB 11643): check it digit by digit", f"values.{name}")
