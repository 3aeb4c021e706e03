"""Server-sent events, sans I/O: text in, messages out (WHATWG HTML 9.2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_END = re.compile(r"\r\n|\n|\r")  # only these: `splitlines` would break a line at U+2028 inside a text


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its data, its event name and the id to resume behind. An id may come alone, without data."""

    data: str
    event: str = "message"
    id: str | None = None


def lines(chunks: Iterable[str]) -> Iterator[str]:
    """Lines of a stream that arrives in pieces; a last line without its end is dropped, as the standard asks."""
    rest = ""
    for chunk in chunks:
        rest += chunk
        held = rest.endswith("\r")  # its \n may still come
        *whole, rest = _END.split(rest[:-1] if held else rest)
        rest += "\r" if held else ""
        yield from whole


def messages(chunks: Iterable[str]) -> Iterator[Message]:
    """Parse a stream. Comments (heartbeats) are passed over; an id holds until the next one."""
    data: list[str] = []
    event, last, told = "message", None, None
    for line in lines(chunks):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data or last != told:
                yield Message("\n".join(data), event, last)
            data, event, told = [], "message", last
        elif name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name == "id" and "\0" not in value:
            last = value
