"""The values behind a fact that lets somebody read them; and where they do not open, what is true of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from typing import Any

from starlette.concurrency import run_in_threadpool

from services.privacy.deciders.streams import person_stream
from services.privacy.hearing import Cursors
from shared.kernel.errors import Behind, Destroyed, DomainError, Failure
from shared.web.host import Host
from shared.web.vaulted import opened, vault_of

Refs = Mapping[str, tuple[str, set[str]]]  # each reference with its subject and the fields asked for
SHUT = (
    "what is held of {subject} came back with a backup from before the last destruction, which replaced the root key: it opens nowhere "
    "any more; restore a newer backup if there is one (ortoo doctor), else collect it anew"
)
LOST = (
    "under the reference that a fact names of {subject} nothing of theirs is held: it was destroyed meanwhile, or is not in the backup "
    "that this node was restored from; collect it anew"
)
COPIED = "what was collected of {subject} is being copied: read again"


async def values_of(host: Host, refs: Refs, *, some: bool = False) -> dict[str, dict[str, Any]]:
    """By reference and field. What does not open is refused with all who are concerned; with `some` it is left out."""
    left = dict(refs)
    while left:
        try:
            return await opened(host, left)
        except Destroyed as gone:
            closed = {str(failure.field) for failure in gone.failures}
        if not some:
            raise await run_in_threadpool(_explained, host, refs)
        left = {ref: of for ref, of in left.items() if ref not in closed}
    return {}


def _explained(host: Host, refs: Refs) -> DomainError:
    """Being copied is said of what the custodian did not come to yet, and of nothing else."""
    vault, closed = vault_of(host), _closed(host, refs)
    shut = vault.shut(closed)
    with closing(Cursors(vault.database)) as cursors:
        came = cursors.of(host.log("privacy")).position
    subjects = {refs[ref][0] for ref in closed}
    named = {ref: at for subject in subjects for ref, at in _named(host, subject).items()}
    why = {refs[ref][0]: SHUT if ref in shut else LOST for ref in closed if ref in shut or named.get(ref, 0) <= came}
    if why:
        rules = {SHUT: "vault.shut", LOST: "vault.lost"}
        return Destroyed(*[Failure(rules[said], said.format(subject=subject), "subjects") for subject, said in sorted(why.items())])
    waiting = sorted(subjects) or ["them"]  # copied since
    return Behind(*[Failure("vault.pending", COPIED.format(subject=subject), "subjects") for subject in waiting])


def _closed(host: Host, refs: Refs) -> list[str]:
    """Those that do not open now."""
    closed: list[str] = []
    for ref, (subject, _) in refs.items():
        try:
            vault_of(host).read({ref: subject}, ())
        except Destroyed:
            closed.append(ref)
    return closed


def _named(host: Host, subject: str) -> dict[str, int]:
    """The references of a person, with the position of the fact that named each."""
    facts = host.history("privacy", person_stream(subject))
    return {ref: one.position for one in facts if isinstance(ref := getattr(one.event, "ref", None), str)}


def unopened(refs: Mapping[str, str], values: Mapping[str, Collection[str]]) -> list[str]:
    """The fields whose value does not open."""
    return [name for name, ref in refs.items() if ref not in values]
