"""Values between a body and the vault. They are never in a command, a log line or a stored answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from hashlib import blake2b
from typing import Annotated, Any
from uuid import uuid5

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from shared.handling.pending import Answer
from shared.kernel.commands import command_id, new_id
from shared.kernel.errors import Behind, Failure, WrongState
from shared.vault.personal import Personal
from shared.vault.scope import person_ref
from shared.vault.vault import READ, Vault
from shared.web.call import Call
from shared.web.host import Host

Field_ = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Said = Annotated[str, Field(min_length=1, max_length=20_000)]
Value = Personal[str] | Personal[bytes]


class Values(BaseModel):
    """Values by field; files, such as a photo, in base64."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    values: Annotated[dict[Field_, Said], Field(max_length=40)] = {}
    files: Annotated[dict[Field_, Base64Bytes], Field(max_length=10)] = {}

    def personal(self) -> dict[str, Value]:
        """Under cover from here on."""
        return {**{name: Personal(said) for name, said in self.values.items()}, **{name: Personal(raw) for name, raw in self.files.items()}}

    def fields(self) -> tuple[str, ...]:
        """Which fields were given."""
        return (*self.values, *(name for name in self.files if name not in self.values))


def vault_of(host: Host) -> Vault:
    """The vault of this process. Behind where there is none, such as of a past moment, or none could be reached yet."""
    if host.vault is None:
        raise Behind(Failure("vault", "this process has no vault, or cannot reach it: send it again, or ask the privacy service"))
    return host.vault


def ref_of(caller: Call, values: Mapping[str, Value]) -> str:
    """The reference of what this command keeps: the same when it is repeated under its key with the same values, and only then."""
    made = blake2b(digest_size=32, key=caller.host.principals.secret)
    for name, value in sorted(values.items()):
        said = value.reveal()
        raw = said.encode() if isinstance(said, str) else said
        made.update(f"{name}:{len(raw)}:".encode() + raw)
    command = new_id() if caller.key is None else command_id(caller.by.actor, caller.key)
    return person_ref(uuid5(command, made.hexdigest()))


async def opened(host: Host, refs: Mapping[str, tuple[str, set[str]]]) -> dict[str, dict[str, Any]]:
    """The values behind references, by reference and field, as an answer holds them; each reference with its subject and its fields.
    Destroyed where one of them does not open."""
    wanted = sorted({name for _, names in refs.values() for name in names})
    whose, found = [(ref, subject) for ref, (subject, _) in refs.items()], dict[str, dict[str, Value]]()
    for start in range(0, len(whose), READ):
        found |= await run_in_threadpool(vault_of(host).read, dict(whose[start : start + READ]), wanted)
    return {ref: {name: _plain(value) for name, value in values.items()} for ref, values in found.items()}


def first(answer: Answer) -> None:
    """Values are given once for each fact: a repeat would be a reading that nobody noted."""
    if answer.repeated:
        raise WrongState(Failure("PIPL-51", "the values of this reading were given: read again under another key, which is another fact"))


def _plain(value: Value) -> str:
    said = value.reveal()
    return said if isinstance(said, str) else base64.b64encode(said).decode()
