"""`ortoo watch`: the live stream in a terminal, resumed where it broke off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from services.client.openapi import Api, request
from services.client.session import Refused
from services.client.sse import Message, messages

Event = Mapping[str, Any]

QUIET_S = 60.0  # a stream without even a heartbeat for so long is dead
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)  # between attempts, the last one for ever


def follow(
    api: Api,
    filters: Mapping[str, str | None],
    token: str | None = None,
    *,
    since: str | None = None,
    broken: Callable[[str, float], None] = lambda why, pause_s: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Event]:
    """Events as they come, for ever; reconnects with `Last-Event-ID`. `Refused` when the node says no."""
    last, failures = since, 0
    while True:
        try:
            for message in _connected(api, filters, token, last):
                last, failures = message.id or last, 0
                if message.data:
                    yield json.loads(message.data)
            why = "the node closed the stream"
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
        pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
        failures += 1
        broken(why, pause_s)
        sleep(pause_s)


def _connected(api: Api, filters: Mapping[str, str | None], token: str | None, last: str | None) -> Iterator[Message]:
    headers = {"Accept": "text/event-stream"}
    if last:
        headers["Last-Event-ID"] = last
    if token:
        headers["Authorization"] = f"Bearer {token}"
    asked = request(api.operation("StreamEvents"), {key: value for key, value in filters.items() if value}, headers)
    with api.http.stream(asked.method, asked.path, **asked.parts(), timeout=httpx.Timeout(10.0, read=QUIET_S)) as stream:
        if stream.status_code >= 500:
            raise httpx.RemoteProtocolError(f"{stream.status_code} from the node")
        if stream.status_code != 200:
            raise Refused(f"{stream.status_code}: {stream.read().decode(errors='replace')[:300]}")
        yield from messages(stream.iter_text())


def line(event: Event) -> str:
    """One event in one line: time, place in its log, type, stream, division, who."""
    return "  ".join(str(event.get(key) or "-") for key in ("time", "id", "type", "streamid", "division", "actor"))
