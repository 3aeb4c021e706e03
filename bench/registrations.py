"""Strangers who register, over HTTP with everything on, beside plain commands of the same node in the same run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bench import load, serving
from bench.figures import Figure, Scale, folder, rates
from bench.http import CLIENTS, Drafts, post
from bench.people import assessed

EACH = 10  # registrations from one address: the limiter lets so many through at once
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AGREED = {"division": "150722", "risk_text": 1, "notice": "register/2", "consent": True, "fit": True, "languages": ["zh"]}


def run(scale: Scale) -> list[Figure]:
    """The limiter is on: who sends more than it lets through would be answered 429, which ends the run."""
    found = []
    for _ in range(scale.runs):
        with folder() as place:  # of its own: its addresses have not registered anybody
            assessed(place, "register")
            with serving.node(place / "node") as server:
                found.append(_both(server.port, Drafts(serving.token(place / "node")), scale))
    return [rates("RegisterVolunteer over HTTP, 64 strangers at a time, against DraftAlert", "requests/s", found, 0.4)]


def _both(port: int, drafts: Drafts, scale: Scale) -> tuple[float, float]:
    people = _people(scale.of(4_000, 320) + CLIENTS)
    _sent(port, [next(people) for _ in range(CLIENTS)], 1)  # a start is slow
    _sent(port, drafts.requests(CLIENTS))
    plain = _sent(port, drafts.requests(scale.of(8_000, 640)))
    return _sent(port, list(people), EACH - 1), plain


def _sent(port: int, requests: list[bytes], each: int = 0) -> float:
    report = load.closed(port, requests, CLIENTS, each)
    assert set(report["statuses"]) == {"201"}, report
    rate: float = report["rate"]
    return rate


def _people(number: int) -> Iterator[bytes]:
    """Each with a number and a phone of their own."""
    for n in range(number):
        base = f"150722{1960 + n // 9990:04}0{1 + n // 1110 % 9}{10 + n // 111 % 10:02}{n % 111:03}"
        check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(base, WEIGHTS, strict=True)) % 11]
        said = {"name": f"\u767b\u8bb0\u8bd5\u9a8c {n}", "id_number": base + check, "phone": f"139{n:08}", **AGREED}
        request = post("/api/volunteers/volunteers", "", msgspec.json.encode(said), "application/json")
        yield request.replace(b"Authorization: Bearer \r\n", b"")
