"""A process about itself: `GetNode`, health, metrics, parked streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse, Response

from shared.handling.pending import Busy
from shared.kernel.errors import DomainError, Failure, NotFound, WrongState
from shared.runtime.process import Process
from shared.sql.ports import LogBusy, StorageFailed
from shared.web import problems
from shared.web.call import Call, call
from shared.web.logging import log_bug
from shared.web.metrics import Sample, exposition
from shared.web.problems import RESPONSES, problem_response

_REASON = re.compile(r"(?P<where>(?:stopped at \S+: )?(?:[a-z_.]+\.v\d+: )?)(?P<error>[A-Z]\w+)(?:: (?P<text>.*))?", re.DOTALL)


def node(host: Process, version: str) -> APIRouter:
    """The node as a whole."""
    router = APIRouter(tags=["node"])

    @router.get("/api/node", operation_id="GetNode", responses=RESPONSES)
    def get_node(caller: Annotated[Call, Depends(call)]) -> dict[str, Any]:
        """The node: its logs with position and chain, how far its read models are, what is wrong."""
        caller.require("GetNode")
        return state(host, version)

    return router


def engines(host: Process, prefix: str = "/api/node") -> APIRouter:
    """What the engines of the services in this process could not take, and what its writers refused."""
    router = APIRouter(prefix=prefix, tags=["node"])

    @router.get("/parked", operation_id="ListParked", responses=RESPONSES)
    def list_parked(caller: Annotated[Call, Depends(call)]) -> list[dict[str, Any]]:
        """Events a policy or projection could not take, with the reason; their streams wait in order."""
        caller.require("ListParked")
        return [
            {
                "service": name,
                "reader": p.reader,
                "log": p.log,
                "position": p.position,
                "stream": p.stream,
                "type": p.type,
                "reason": told(p.reason),
            }
            for name, running in host.running.items()
            for p in running.parked()
        ]

    @router.get("/attempts", operation_id="ListAttempts", responses=RESPONSES)
    def list_attempts(caller: Annotated[Call, Depends(call)], limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[dict[str, Any]]:
        """Refused commands, newest first, for the auditor: who, what, where, by which rule."""
        caller.require("ListAttempts")
        sees = host.sees(caller.by)
        found = [(name, a) for name, running in host.running.items() for a in running.log.attempts(limit) if sees(a.division, "internal")]
        found.sort(key=lambda pair: pair[1].at, reverse=True)
        return [{"service": name, **asdict(attempt)} for name, attempt in found[:limit]]

    @router.post("/parked/{service}/{reader}/{log}/{stream}/replay", operation_id="ReplayParked", responses=RESPONSES)
    def replay_parked(service: str, reader: str, log: str, stream: str, caller: Annotated[Call, Depends(call)]) -> dict[str, int]:
        """Try a parked stream again, in order; it stays parked when its cause is not cured."""
        caller.require("ReplayParked")
        running = host.running.get(service)
        if running is None:
            raise NotFound(Failure("reference", "one of the services of this node", "service"))
        if (reader, log, stream) not in {(p.reader, p.log, p.stream) for p in running.parked()}:
            raise NotFound(Failure("reference", "nothing is parked there; ListParked says what is", "stream"))
        try:
            return {"replayed": running.replay(reader, log, stream)}
        except (Busy, LogBusy, StorageFailed):
            raise
        except Exception as cause:  # whatever a policy or a projection fails with
            log_bug(cause)
            raise WrongState(Failure("parked", f"it fails again ({type(cause).__name__}) and stays parked: cure that first")) from cause

    return router


def health(host: Process) -> APIRouter:
    """For whoever watches the process."""
    router = APIRouter(tags=["node"])

    @router.get("/health/live", operation_id="GetLive")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @router.get("/health/ready", operation_id="GetReady", responses={503: RESPONSES[503]})
    def ready() -> Response:
        """Everything works; otherwise 503 with what does not, and by which kind of error; GetNode says more."""
        faults = host.faults()
        if faults:
            return problem_response(503, "not_ready", [Failure(engine, kind_of(fault)) for engine, fault in sorted(faults.items())])
        return JSONResponse({"status": "ready"})

    @router.get("/metrics", operation_id="GetMetrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics() -> Response:
        """Prometheus metrics."""
        return Response(exposition(lambda: samples(host)), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def state(host: Process, version: str) -> dict[str, Any]:
    """The node as data, for GetNode and the first page."""
    return {
        "node": host.province,
        "version": version,
        "realm": host.principals.realm,
        "clock": {"now": host.now().isoformat(), "story": host.story},
        "logs": host.logs(),
        "faults": {engine: told(fault) for engine, fault in host.faults().items()} | host.directory.faults(),
        "clients": host.hub.clients if host.hub else 0,
    }


def told(reason: str) -> str:
    """Why an engine or a stream waits: where, the kind of error, and the rule it named. Its text may quote content and is left out."""
    found = _REASON.fullmatch(reason)
    if found is None:
        return reason  # words of our own: `LogBusy`, `bug KeyError`, `fork: ...`
    rule = (found["text"] or "").partition(": ")[0] if found["error"] in {kind.__name__ for kind in DomainError.__subclasses__()} else ""
    return f"{found['where']}{found['error']} {rule}".rstrip()


def kind_of(fault: str) -> str:
    """The kind of error alone: `fork`, `LogBusy`, `bug KeyError`."""
    found = _REASON.fullmatch(fault)
    return found["error"] if found else fault.partition(": ")[0]


def samples(host: Process) -> Iterator[Sample]:
    """Every number of the host."""
    heads = host.heads()
    for name, running in host.running.items():
        service = ("service", name)
        for (command, outcome), count in list(running.writer.counts.items()):
            labels = (service, ("command", command), ("outcome", outcome))
            yield Sample("ortoo_commands_total", "Commands by outcome or refusal code", labels, count)
        yield Sample("ortoo_queue", "Commands waiting for the pen", (service,), running.writer.waiting)
        head = heads.get(running.log.name, 0)
        yield Sample("ortoo_log_position", "Last position of the log", (service,), head)
        read = {running.log.name: 0, **running.positions()}
        unread = sum(max(0, heads.get(log, 0) - at) for log, at in read.items())
        yield Sample("ortoo_reader_lag", "Events not yet in the read models", (service,), unread)
        if (reactor := running.reactor) is not None:  # told by the process that reacts
            unseen = sum(max(0, heads.get(runner.follows, 0) - runner.position) for runner in reactor.policies)
            yield Sample("ortoo_policy_lag", "Events the policies have not seen", (service,), unseen)
            with suppress(StorageFailed):  # what cannot be counted now is left out
                yield Sample("ortoo_parked", "Parked events", (service,), len(reactor.policies[0].parking.listed()))
    with suppress(StorageFailed):
        for log, waiting in host.unsent().items():
            yield Sample("ortoo_relay_lag", "Events that wait for their topic", (("log", log),), waiting)
        for (log, source), behind in host.unfiltered().items():
            yield Sample("ortoo_feed_lag", "Events not yet looked at for a feed log", (("log", log), ("source", source)), behind)
    for (status, code), count in list(problems.answered.items()):
        yield Sample("ortoo_problems_total", "Problems answered, by status and code", (("status", str(status)), ("code", code)), count)
    if host.hub is not None:
        yield Sample("ortoo_sse_clients", "Open live streams", (), host.hub.clients)
        yield Sample("ortoo_sse_closed_slow_total", "Live streams closed because their client was too slow", (), host.hub.dropped)
    faults = host.faults()
    for engine, fault in faults.items():
        yield Sample("ortoo_fault", "An engine in trouble, by kind of error", (("engine", engine), ("kind", kind_of(fault))), 1)
    yield Sample("ortoo_faults", "Engines in trouble", (), len(faults))
