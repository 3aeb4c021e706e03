"""The values behind a fact that lets somebody read them; and where they do not open, what is true of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from typing import Any

from starlette.concurrency import run_in_threadpool

from services.privacy.deciders.streams import person_stream, rights_stream
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
    closed = _why(host, refs)
    why = {refs[ref][0]: said for ref, said in closed.items() if said is not COPIED}
    if why:
        rules = {SHUT: "vault.shut", LOST: "vault.lost"}
        return Destroyed(*[Failure(rules[said], said.format(subject=subject), "subjects") for subject, said in sorted(why.items())])
    waiting = sorted({refs[ref][0] for ref in closed}) or ["them"]  # copied since
    return Behind(*[Failure("vault.pending", COPIED.format(subject=subject), "subjects") for subject in waiting])


def _why(host: Host, refs: Refs) -> dict[str, str]:
    """Why each reference that does not open now does not."""
    vault, closed = vault_of(host), _closed(host, refs)
    shut = vault.shut(closed)
    with closing(Cursors(vault.database)) as cursors:
        came = cursors.of(host.log("privacy")).position
    named = {ref: at for subject in {refs[ref][0] for ref in closed} for ref, at in _named(host, subject).items()}
    return {ref: SHUT if ref in shut else LOST if named.get(ref, 0) <= came else COPIED for ref in closed}


async def waiting(host: Host, refs: Refs, values: Mapping[str, Any]) -> set[str]:
    """Which references had no value because they are still to be copied: they open later."""
    left = {ref: of for ref, of in refs.items() if ref not in values}
    return {ref for ref, said in (await run_in_threadpool(_why, host, left)).items() if said is COPIED} if left else set()


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
    """The references of a person, or of a request, with the position of the fact that named each."""
    facts = [one for stream in (person_stream, rights_stream) for one in host.history("privacy", stream(subject))]
    refs = ((getattr(one.event, "ref", None) or getattr(one.event, "digest", None), one.position) for one in facts)
    return {ref: position for ref, position in refs if isinstance(ref, str)}


def unopened(refs: Mapping[str, str], values: Mapping[str, Collection[str]], pending: Collection[str]) -> dict[str, list[str]]:
    """The fields that have no value: `pending` where it is still to be copied, `unopened` where it does not open."""
    lost = [(name, ref) for name, ref in refs.items() if ref not in values]
    told = {
        "pending": [name for name, ref in lost if ref in pending],
        "unopened": [name for name, ref in lost if ref not in pending],
    }
    return {said: names for said, names in told.items() if names}
