"""Commands over HTTP with everything on, against a no-op on the same kind of route in the same kind of process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import msgspec

from bench import load, serving
from bench.corpus import messages
from bench.figures import Figure, Scale, folder, rates
from bench.serving import Server

CLIENTS, RATE, LISTENERS = 64, 1_000, 20
NOOP = partial(serving.module, "bench.noop")
SHORT = partial(serving.module, "bench.noop", "short")
TEXT = "预计未来六小时局地降雨量达五十毫米以上，请注意防范山洪和地质灾害"


def run(scale: Scale) -> list[Figure]:
    """Closed loop for the rate, open loop for the latencies."""
    with folder() as place, serving.node(place) as ours, NOOP() as noop, SHORT() as short:
        drafts = Drafts(serving.token(place))
        found = closed(scale, (ours, noop, short), lambda number, _: drafts.requests(number), scale.of(8_000, 256))
        answers, heard = _open(scale, ours, noop, drafts)
    return [*against("DraftAlert over HTTP, 64 clients", found, 0.5), answers, heard]


def imports(scale: Scale) -> list[Figure]:
    """`ImportAlert` over HTTP against the no-ops with the same bodies."""
    with folder() as place, serving.node(place) as ours, NOOP() as noop, SHORT() as short:
        token = serving.token(place)

        def requests(number: int, run: int) -> list[bytes]:
            return [post("/api/alerts/imports", token, body, "application/cap+xml") for body in messages(number, run)]

        found = closed(scale, (ours, noop, short), requests, scale.of(4_000, 128))
    return against("ImportAlert over HTTP, 64 clients, the same bodies", found, 0.4)


class Drafts:
    """Requests of `DraftAlert`, each for a warning of its own."""

    def __init__(self, token: str) -> None:
        self._token, self._made = token, 0

    def stream(self) -> bytes:
        """The request for all live events."""
        return f"GET /api/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n\r\n".encode()

    def requests(self, number: int) -> list[bytes]:
        found = []
        for _ in range(number):
            self._made += 1
            said = {"alert": f"AL-{self._made:08}", "hazard": "11B03", "areas": ["150722"], "cautions": TEXT}
            found.append(post("/api/alerts/alerts", self._token, msgspec.json.encode(said), "application/json"))
        return found


def post(path: str, token: str, body: bytes, kind: str) -> bytes:
    """A whole request."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def closed(scale: Scale, servers: Sequence[Server], requests: Callable[[int, int], list[bytes]], number: int) -> list[tuple[float, ...]]:
    """The rates of all servers in turn; the first round only warms up."""
    found = []
    for n in range(scale.runs + 1):
        work = requests(number if n else CLIENTS, n)
        reports = [load.closed(server.port, work, CLIENTS) for server in servers]
        for report in reports:
            assert set(report["statuses"]) == {"201"}, report
        if n:
            found.append(tuple(report["rate"] for report in reports))
    return found


def against(name: str, found: Sequence[tuple[float, ...]], least: float) -> list[Figure]:
    """Ours against a no-op on a route of FastAPI, and, without a bound, against one on our own short way past it."""
    return [
        rates(f"{name}, against a no-op", "requests/s", [(ours, noop) for ours, noop, _ in found], least),
        rates("the same against a no-op on the short way past FastAPI", "requests/s", [(ours, short) for ours, _, short in found]),
    ]


def _open(scale: Scale, ours: Server, noop: Server, drafts: Drafts) -> tuple[Figure, Figure]:
    seconds = scale.of(10, 1)
    answers, heard = [], []
    for _ in range(scale.runs):
        work = drafts.requests(RATE * seconds)
        report = load.by_clock(ours.port, work, RATE, [drafts.stream()] * LISTENERS)
        bare = load.by_clock(noop.port, work, RATE)
        assert set(report["statuses"]) == {"201"}, report
        assert report["heard"] == LISTENERS * len(work), f"{report['heard']} of {LISTENERS * len(work)} events arrived"
        answers.append((report["p99_ms"], bare["p99_ms"]))
        heard.append(report["heard_p99_ms"])
    own, bare_p99 = median(o for o, _ in answers), median(b for _, b in answers)
    return (
        Figure(f"p99 of an answer at {RATE:,} commands/s with {LISTENERS} live streams", "ms", own, bare_p99, "ours <= 100"),
        Figure("p99 from command to live stream, same run", "ms", median(heard), None, "ours <= 150"),
    )
