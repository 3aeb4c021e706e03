"""What a form sends. Files stay in memory: whatever is written to a disk is encrypted first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from shared.kernel.errors import Failure
from shared.web.problems import Malformed

FIELDS, FILES, PART = 120, 4, 64 * 1024


class _InMemory(MultiPartParser):
    spool_max_size = 2**30  # never: bodies have a smaller limit (shared/web/body.py)


@dataclass(frozen=True, slots=True)
class Posted:
    """Fields by name, each with everything sent under it, and the files that are not empty."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes] = field(default_factory=dict)

    def one(self, name: str) -> str:
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.fields.get(name, ())))


async def posted(request: Request) -> Posted:
    """The form of a request. Malformed when it is none."""
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await _multipart(request)
        sent = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except (MultiPartException, ValueError) as error:
        raise Malformed(Failure("schema", "send the form as its page has it")) from error
    return Posted(sent)


async def _multipart(request: Request) -> Posted:
    form = await _InMemory(request.headers, request.stream(), max_files=FILES, max_fields=FIELDS, max_part_size=PART).parse()
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if content := await value.read():
                files[name] = content
            await value.close()
        else:
            (name + value).encode()  # a charset of their own choice may decode to what is no text: a ValueError
            fields.setdefault(name, []).append(value)
    return Posted(fields, files)
