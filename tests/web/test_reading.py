"""What can be read: event batches by vector, lists by cursor, quarantine, and warnings as CAP, Atom and GeoJSON."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

import jsonschema
import pytest
from capparselib.parsers import CAPParser
from lxml import etree

from services.alerts.formats import schema
from tests.support import AUTHOR, DUTY, NEIGHBOUR, OFFICER, PASSER_BY, Post, cap, fresh, problem
from tests.waiting import until

ATOM = "{http://www.w3.org/2005/Atom}"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def settled(node, answer, path, who=DUTY):
    got = node.settle(answer.headers["ortoo-position"], path, who)
    assert got.status_code == 200, got.text
    return got


def paged(node, limit):
    """Everything a duty officer may see, until the vector stays as it was."""
    events, after, before = [], "", None
    while after != before:
        answer = node.get("/api/events", DUTY, limit=limit, after=after)
        assert len(answer.json()) <= limit and answer.headers["content-type"] == "application/cloudevents-batch+json"
        events += answer.json()
        before, after = after, answer.headers["ortoo-vector"]
    return events


def test_a_vector_beyond_the_logs_end_is_refused(node):
    node.draft()
    for path in ("/api/events", "/api/events/stream"):
        refused = node.get(path, DUTY, after="a999999.r1")
        assert (refused.status_code, refused.json()["rule"]) == (409, "vector")


def test_events_are_read_page_by_page_without_gap_or_double(node):
    for _ in range(7):
        node.draft()

    def still():  # the node may yet be following what was sent
        before, pages, after = paged(node, 2000), paged(node, 3), paged(node, 2000)
        return (before, pages) if before == after else None

    whole, pages = until(still)
    assert [event["id"] for event in pages] == [event["id"] for event in whole]
    assert len({event["id"] for event in pages}) == len(pages) > 7
    for log in {event["log"] for event in pages}:
        positions = [event["position"] for event in pages if event["log"] == log]
        assert positions == sorted(positions)


def test_a_filtered_page_says_how_far_it_looked(node):
    incident = fresh("INC")
    node.draft(incident=incident)
    for _ in range(3):
        node.draft()
    begin = node.get("/api/events", DUTY, incident=incident)
    assert [event["correlationid"] for event in begin.json()] == [incident]
    head = node.get("/api/events", DUTY, after="now").headers["ortoo-vector"]
    assert begin.headers["ortoo-vector"] == head
    assert node.get("/api/events", DUTY, incident=incident, after=head).json() == []


def test_events_show_to_whom_they_are_for(node):
    head = node.get("/api/events", DUTY, after="now").headers["ortoo-vector"]
    own = node.draft().json()["stream"]
    public = node.take(cap()).json()["stream"]
    seen = {who: [e["streamid"] for e in node.get("/api/events", who, after=head).json()] for who in (None, DUTY, NEIGHBOUR)}
    assert seen == {None: [public], DUTY: [own, public], NEIGHBOUR: [public]}


def test_the_list_of_warnings_pages_by_cursor(node):
    made = [node.draft() for _ in range(9)]
    alerts = [answer.json()["stream"].removeprefix("alert-") for answer in made]
    settled(node, made[-1], "/api/alerts/alerts")
    whole = [row["id"] for row in node.get("/api/alerts/alerts", DUTY, limit=500, own=True).json()["items"]]
    assert whole[:9] == alerts[::-1]
    pages: list[str] = []
    cursor: dict[str, int] = {}
    while True:
        page = node.get("/api/alerts/alerts", DUTY, limit=4, own=True, **cursor).json()
        pages += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        node.draft()  # the list grows while it is read
        cursor = {"before": page["next"]}
    assert [alert for alert in pages if alert in whole] == whole


def test_the_list_is_filtered_by_state_division_and_owner(node):
    alert = node.published(areas=["150722"])
    taken = node.take(cap())
    settled(node, taken, "/api/alerts/alerts")
    listed = {
        name: [row["id"] for row in node.get("/api/alerts/alerts", DUTY, **asked).json()["items"]]
        for name, asked in {
            "published": {"state": "published", "own": True},
            "drafts": {"state": "drafted"},
            "here": {"division": "150722", "own": True},
            "elsewhere": {"division": "150100", "own": True},
            "received": {"own": False},
        }.items()
    }
    assert alert in listed["published"] and alert in listed["here"]
    assert alert not in listed["drafts"] + listed["elsewhere"] + listed["received"]
    assert taken.json()["alert"] in listed["received"]


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"before": -1}, {"before": 2**63}, {"own": "perhaps"}, {"state": "x" * 21}]
)
def test_a_list_s_parameters_have_a_shape(node, asked):
    problem(node.get("/api/alerts/alerts", DUTY, **asked), 400, "malformed", "schema")


def test_what_nobody_can_read_waits_for_a_person(node):
    body = f"<alert>{fresh('cut')}".encode()
    kept = node.take(body)
    assert kept.status_code == 202 and kept.json()["outcome"] == "quarantined" and kept.json()["flags"] == ["Q-TRIAGE"]
    waiting = settled(node, kept, "/api/alerts/quarantine?waiting=true").json()["items"]
    entry = waiting[0]
    assert kept.json()["stream"] == f"quarantine-{entry['quarantine']}"
    assert node.get(f"/api/alerts/quarantine/{entry['quarantine']}/raw", DUTY).content == body
    assert node.take(body).status_code == 200, "the same body again is the same entry"

    path = f"/api/alerts/quarantine/{entry['quarantine']}/resolution"
    problem(node.post(path, AUTHOR, {"decision": "discarded", "reason": "noise"}), 403, "not_allowed", "matrix.3.27")
    problem(node.post(path, OFFICER, {"decision": "discarded"}), 422, "rule_broken", "Q-TRIAGE")
    done = node.post(path, OFFICER, {"decision": "discarded", "reason": "cut off in transit"})
    assert done.status_code == 201, done.text
    problem(node.post(path, OFFICER, {"decision": "discarded", "reason": "again"}), 409, "wrong_state")
    still = settled(node, done, "/api/alerts/quarantine?waiting=true").json()["items"]
    assert entry["quarantine"] not in [row["quarantine"] for row in still]
    resolved = [row for row in node.get("/api/alerts/quarantine", DUTY).json()["items"] if row["quarantine"] == entry["quarantine"]]
    assert len(resolved) == 1
    problem(node.get("/api/alerts/quarantine"), 401, "unauthenticated")


def test_what_nobody_could_read_is_for_those_who_warn_command_or_audit_there(node):
    kept = node.take(f"<alert>{fresh('cut')}", kind="application/xml; x=13812345678")
    entry = kept.json()["stream"].removeprefix("quarantine-")
    rows = {row["quarantine"]: row for row in settled(node, kept, "/api/alerts/quarantine").json()["items"]}
    assert (rows[entry]["division"], rows[entry]["content_type"]) == ("150722", "application/xml")
    raw = f"/api/alerts/quarantine/{entry}/raw"
    for role in ("SYS", "EMD.officer", "HQ", "GOV", "SECT.water", "AUD"):
        assert node.get(raw, Post("X.1", role)).status_code == 200, role
    for who in (PASSER_BY, Post("D.1", "ENT.dam"), Post("W.1", "WHK"), Post("V-2", "VOL", None)):
        problem(node.get("/api/alerts/quarantine", who), 403, "not_allowed", "matrix.3.27")
        problem(node.get(raw, who), 403, "not_allowed", "matrix.3.27")
    for who in (NEIGHBOUR, Post("A.D", "EMD.duty", "150721"), Post("N.D", "EMD.duty", None)):
        assert entry not in [row["quarantine"] for row in node.get("/api/alerts/quarantine", who, limit=500).json()["items"]]
        problem(node.get(raw, who), 404, "not_found")


def test_who_was_asked_is_shown_to_the_organs_of_the_chain_alone(node):
    alert = node.published()
    written(node, alert)
    path = f"/api/alerts/alerts/{alert}/acks"
    for who in (DUTY, Post("B.IN", "INF"), Post("R.1", "HQ", "150000")):
        assert node.get(path, who).json()["alert"] == alert, who
    for who in (PASSER_BY, NEIGHBOUR, Post("C.1", "CIT"), Post("L.1", "LINK")):
        assert node.get(f"/api/alerts/alerts/{alert}", who).status_code == 200, "the warning itself is public"
        problem(node.get(path, who), 404, "not_found")
    taken = node.take(cap())
    settled(node, taken, "/api/alerts/alerts")
    problem(node.get(f"/api/alerts/alerts/{taken.json()['alert']}/acks", DUTY), 404, "not_found")


def test_a_message_not_for_everybody_is_for_the_staff_alone(node):
    secret = node.take(cap(scope="Restricted"))
    alert = secret.json()["alert"]
    settled(node, secret, f"/api/alerts/alerts/{alert}")
    for who in (None, PASSER_BY, Post("W.1", "WHK")):
        assert alert not in [row["id"] for row in node.get("/api/alerts/alerts", who, own=False, limit=500).json()["items"]]
        problem(node.get(f"/api/alerts/alerts/{alert}", who), 404, "not_found")
    assert alert in [row["id"] for row in node.get("/api/alerts/alerts", DUTY, own=False, limit=500).json()["items"]]


def test_a_restricted_update_of_a_public_warning_shows_to_the_staff_of_its_division_alone(node):
    sender = f"{fresh('met')}@example.org"
    first = node.take(cap(sender=sender, event="Gale")).json()["alert"]
    update = cap(sender=sender, sent="2026-07-18T04:00:00+08:00", scope="Restricted", event="Convoy")
    area = "<geocode><valueName>GB/T 2260</valueName><value>150722</value></geocode></area>"
    update = update.replace("<msgType>Alert", "<msgType>Update").replace("</area>", area)
    references = f"<references>{sender},{first},2026-07-18T03:00:00+08:00</references>"
    later = node.take(update.replace("</scope>", f"</scope><restriction>staff</restriction>{references}"))
    assert later.json()["alert"] == first
    settled(node, later, f"/api/alerts/alerts/{first}")
    shown = {who: node.get(f"/api/alerts/alerts/{first}", who).json() for who in (None, PASSER_BY, NEIGHBOUR, DUTY)}
    assert {who: (row["event"], len(row["messages"])) for who, row in shown.items()} == {
        None: ("Gale", 1),
        PASSER_BY: ("Gale", 1),
        NEIGHBOUR: ("Gale", 1),
        DUTY: ("Gale", 2),
    }


def test_our_own_warning_is_valid_cap_that_an_independent_library_reads(node):
    moment = datetime(2026, 7, 18) + timedelta(seconds=int(fresh("x").rpartition("-")[2]))
    identifier = f"15072241600000_{moment:%Y%m%d%H%M%S}"
    made = node.draft()
    alert = made.json()["stream"].removeprefix("alert-")
    for step, body in (("approval", None), ("publication", {"identifier": identifier})):
        done = node.post(f"/api/alerts/alerts/{alert}/{step}", AUTHOR._replace(actor="B.MET2", role="SECT.weather.approver"), body)
        assert done.status_code == 201, done.text
    text = written(node, alert)
    assert schema.faults(etree.fromstring(text)) == []
    logging.getLogger("capparselib").setLevel(logging.CRITICAL)
    (read,) = CAPParser(text.decode()).as_dict()
    assert read["cap_id"] == identifier and read["cap_message_type"] == "Alert"
    assert {info["cap_language"] for info in read["cap_info"]} == {"zh-CN", "en"}

    feed = etree.fromstring(node.get("/api/alerts/feed.atom").content)
    assert feed.tag == f"{ATOM}feed" and {f"{ATOM}{name}" for name in ("id", "title", "updated", "author")} <= {child.tag for child in feed}
    held = [entry for entry in feed.iter(f"{ATOM}entry") if identifier in etree.tostring(entry).decode()]
    assert len(held) == 1 and held[0].findtext(f".//{CAP}identifier") in (identifier, None)
    link = held[0].find(f"{ATOM}link").get("href")
    assert node.http.get(link, headers=node.signed(DUTY)).content == text

    shapes = json.loads(node.get("/api/alerts/alerts.geojson").content)
    assert shapes["type"] == "FeatureCollection"
    assert identifier in json.dumps(shapes)
    jsonschema.validate(shapes, FEATURES)


FEATURES = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "properties": {"type": "object"},
                    "geometry": {"type": ["object", "null"], "required": ["type", "coordinates"]},
                },
            },
        },
    },
}


def written(node, alert):
    """The CAP of a warning, as soon as the policy has issued it."""
    path = f"/api/alerts/alerts/{alert}/cap"
    answer = until(lambda: got if (got := node.get(path, PASSER_BY)).status_code == 200 else None, lambda: node.get(path, PASSER_BY).text)
    assert answer.headers["content-type"].startswith("application/cap+xml")
    return answer.content


def test_a_message_from_elsewhere_is_written_strictly_and_kept_byte_for_byte(node):
    sent = cap().encode()
    taken = node.take(sent)
    assert taken.status_code == 201 and taken.json()["outcome"] == "accepted"
    alert = taken.json()["alert"]
    again = settled(node, taken, f"/api/alerts/alerts/{alert}/raw")
    assert again.content == sent and "attachment" in again.headers["content-disposition"]
    assert schema.faults(etree.fromstring(node.get(f"/api/alerts/alerts/{alert}/cap", DUTY).content)) == []


def test_a_draft_has_no_cap_yet(node):
    made = node.draft()
    alert = made.json()["stream"].removeprefix("alert-")
    assert node.settle(made.headers["ortoo-position"], f"/api/alerts/alerts/{alert}/cap", DUTY).status_code == 404
    problem(node.get(f"/api/alerts/alerts/{alert}/cap"), 404, "not_found", "reference")


def test_a_feed_of_many_answers_item_by_item(node):
    entries = "".join(f"<entry><content type='text/xml'>{cap()}</content></entry>" for _ in range(3))
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><id>x</id>{entries}</feed>"
    taken = node.take(feed, kind="application/atom+xml")
    assert [item["outcome"] for item in taken.json()["items"]] == ["accepted"] * 3
    assert node.take(feed, kind="application/atom+xml").status_code == 200
