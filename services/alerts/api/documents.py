"""A warning as a document: CAP, the bytes as received, the Atom feed, GeoJSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from services.alerts.api.finding import AlertId, found, issued, visible
from services.alerts.api.issuing import cap_of, marked
from services.alerts.events.message import MessageIssued
from services.alerts.formats.feeds import atom, geojson
from services.alerts.formats.model import CapAlert, Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.write import CannotWrite, write
from services.alerts.projections import quarantine, series
from shared.kernel.decoding import read_json
from shared.kernel.errors import Failure, NotFound, RuleBroken
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.paging import Caller, Row
from shared.web.problems import RESPONSES

FEED = 200  # our own messages in the Atom feed and on the map


def add(router: APIRouter, host: Host) -> None:
    directory = host.directory

    @router.get(
        "/alerts/{alert:path}/cap",
        operation_id="GetAlertCap",
        response_class=Response,
        responses={200: {"content": {"application/cap+xml": {}}}, **RESPONSES},
    )
    def get_alert_cap(alert: AlertId, caller: Caller, message: Annotated[str | None, Query(max_length=1000)] = None) -> Response:
        """The newest message of a warning (or the one named) as strict CAP 1.2, written anew from what is known."""
        row = issued(host, caller, alert)
        kept = [m for m in visible(host, caller, row) if message is None or m["identifier"] == message]
        kept = [m for m in kept if m["own"]] or kept  # what others say about our warning is not our warning
        if not kept:
            raise NotFound(Failure("reference", "the warning has no such message; a draft has none before it is published", "message"))
        if not kept[-1]["own"]:
            caller.require("GetAlertCap")  # others' texts may name persons
        try:
            body = write(_cap(host, directory, kept[-1]))
        except CannotWrite as error:
            raise RuleBroken(*[Failure("CAP-1.2", f"{f.path}: {f.message}") for f in error.faults], code="cannot_write") from error
        return Response(body, media_type="application/cap+xml")

    @router.get("/alerts/{alert:path}/raw", operation_id="GetAlertRaw", response_class=Response, responses=RESPONSES)
    def get_alert_raw(alert: AlertId, caller: Caller, message: Annotated[str | None, Query(max_length=1000)] = None) -> Response:
        """The newest received message of a warning (or the one named), byte for byte as it came in."""
        caller.require("GetAlertRaw")
        row = found(host, caller, alert)
        kept = [m for m in visible(host, caller, row) if m["digest"] and message in (None, m["identifier"])]
        return _raw(host, kept[-1]["digest"] if kept else None, alert)

    @router.get(
        "/feed.atom", operation_id="GetAlertFeed", response_class=Response, responses={200: {"content": {"application/atom+xml": {}}}}
    )
    def get_alert_feed(caller: Caller) -> Response:
        """Our own warnings as an Atom feed holding CAP."""
        base = str(caller.request.url.replace(query="")).rpartition("/")[0]  # the service is mounted: its base_url is the node's
        own = [_own(host, directory, row) for row in series.issued(host.read("alerts"), FEED)]
        root = directory.divisions.units.get(host.province)
        body = atom(
            own,
            f"{base}/feed.atom",
            title=f"{root.zh if root else host.province} 预警 / warnings",
            author=host.province,
            link=lambda cap: f"{base}/alerts/{cap.identifier}/cap?message={cap.identifier}",
        )
        return Response(body, media_type="application/atom+xml")

    @router.get(
        "/alerts.geojson",
        operation_id="GetAlertGeoJson",
        response_class=Response,
        responses={200: {"content": {"application/geo+json": {}}}},
    )
    def get_alert_geojson(caller: Caller) -> Response:
        """Our own warnings as GeoJSON, each area at the point that stands for its division."""
        own = [_own(host, directory, row) for row in series.issued(host.read("alerts"), FEED)]
        return Response(geojson(own, place=lambda code: _point(directory, code)), media_type="application/geo+json")

    @router.get("/quarantine/{quarantine_id}/raw", operation_id="GetQuarantineRaw", response_class=Response, responses=RESPONSES)
    def get_quarantine_raw(quarantine_id: Annotated[str, Path(max_length=64)], caller: Caller) -> Response:
        """The bytes as they came in."""
        caller.require("ListQuarantine")
        row = quarantine.find(host.read("alerts"), quarantine_id)
        seen = row is not None and host.sees(caller.by)(row["division"], "internal")
        return _raw(host, row["digest"] if row is not None and seen else None, quarantine_id)


def _raw(host: Host, digest: str | None, what: str) -> Response:
    body = host.blobs.get(digest) if digest else None
    if body is None:
        raise NotFound(Failure("reference", f"no received bytes are kept for {what[:100]}"))
    return Response(body, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{digest}.txt"'})


def _cap(host: Host, directory: Directory, message: Row) -> CapAlert:
    if message["own"]:
        return _own(host, directory, message)
    body = host.blobs.get(message["digest"])
    items = read_messages(body, None, whole=True).items if body is not None else ()
    found = next((item for item in items if isinstance(item, Message)), None)
    if found is None:
        raise NotFound(Failure("reference", "the message's bytes are not here"))
    return marked(found.alert, host.principals.realm)


def _own(host: Host, directory: Directory, message: Row) -> CapAlert:
    return cap_of(read_json(message["fact"], MessageIssued), directory.divisions, host.principals.realm)


def _point(directory: Directory, code: str) -> tuple[float, float] | None:
    unit = directory.divisions.units.get(code)
    return None if unit is None or unit.lon is None or unit.lat is None else (float(unit.lon), float(unit.lat))
