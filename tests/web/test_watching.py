"""What an operator sees: health, metrics that Prometheus reads, logs as JSON lines without a value of anybody's."""

from __future__ import annotations

import json
import socket
import time

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.wiring import SERVICES
from tests.support import AUTHOR, DUTY, OFFICER, cap, fresh, problem, started
from tests.waiting import PATIENCE_S

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def scraped(node):
    answer = node.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families, name, **labels):
    found = [s.value for f in families.values() for s in f.samples if s.name == name and labels.items() <= s.labels.items()]
    assert found, (name, labels)
    return sum(found)


def test_the_metrics_named_are_there_and_are_read(node):
    node.draft()
    problem(node.draft(starts="2026-07-18T02:30:00+08:00", valid_to="2020-07-18T02:30:00+08:00"), 422, "rule_broken")
    families = scraped(node)
    for name, kind in {
        "ortoo_commands": "counter",
        "ortoo_queue": "gauge",
        "ortoo_log_position": "gauge",
        "ortoo_reader_lag": "gauge",
        "ortoo_policy_lag": "gauge",
        "ortoo_parked": "gauge",
        "ortoo_sse_clients": "gauge",
        "ortoo_sse_closed_slow": "counter",
        "ortoo_faults": "gauge",
    }.items():
        assert families[name].type == kind and families[name].documentation, name
    assert {sample.labels["service"] for sample in families["ortoo_queue"].samples} == {service.name for service in SERVICES}


def test_commands_and_refusals_are_counted_by_code(node):
    def counted(outcome):
        return sum(
            sample.value
            for sample in scraped(node)["ortoo_commands"].samples
            if sample.labels["command"] == "DraftAlert" and sample.labels["outcome"] == outcome
        )

    node.draft()
    before = {outcome: counted(outcome) for outcome in ("accepted", "rule_broken", "repeated")}
    key = fresh("key")
    made = node.draft(headers={"Idempotency-Key": key})
    assert made.status_code == 201
    node.draft(cautions="13912345678")
    node.draft(cautions="13912345678")
    node.draft(headers={"Idempotency-Key": key}, alert=made.json()["stream"].removeprefix("alert-"))
    assert counted("accepted") == before["accepted"] + 1
    assert counted("rule_broken") == before["rule_broken"] + 2


def test_positions_and_lag_are_the_log_s(node):
    made = node.draft()
    position = int(made.headers["ortoo-position"].rpartition(":")[2])
    node.settle(made.headers["ortoo-position"], "/api/alerts/alerts", DUTY)
    families = scraped(node)
    assert value(families, "ortoo_log_position", service="alerts") >= position
    assert value(families, "ortoo_reader_lag", service="registry") == 0
    assert value(families, "ortoo_faults") == 0


def test_the_node_is_live_and_ready(node):
    assert node.get("/health/live").json() == {"status": "live"}
    ready = node.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"}), ready.text


def test_the_node_tells_its_logs_with_their_chains(node):
    made = node.draft()
    told = node.get("/api/node", OFFICER).json()
    alerts = next(log for log in told["logs"] if log["name"] == "150000.alerts")
    assert alerts["position"] >= int(made.headers["ortoo-position"].rpartition(":")[2])
    assert len(bytes.fromhex(alerts["chain"])) == 32
    event = node.get("/api/events", DUTY, after=f"a{alerts['position'] - 1}", limit=1).json()
    if event and event[0]["position"] == alerts["position"]:
        assert event[0]["chain"] == alerts["chain"]


def lines_of(node):
    return [json.loads(line) for line in node.logged.splitlines()]


def test_logs_are_json_lines_with_the_trace_and_hold_no_value_of_a_body(tmp_path):
    secret = "Ulaan-Chuluu-77"
    trace = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    with started(tmp_path / "data") as node:
        assert node.draft(headline=secret, headers=trace).status_code == 201
        problem(node.draft(headline=secret, cautions=f"{secret} 13912345678", headers=trace), 422, "rule_broken", "PIPL-5")
        problem(node.draft(headline=secret, colour=secret, headers=trace), 400, "malformed")
        problem(node.post(f"/api/alerts/alerts/{secret}/approval", AUTHOR, {}, **trace), 404, "not_found")
        problem(node.http.get("/api/node", headers={"Authorization": f"Bearer {secret}"}), 401, "unauthenticated")
        node.take(f"<alert>{secret}")
        node.take(cap(event=secret, area=secret))
        garbage(node.url, f"{secret}\r\nHost: {secret}\r\n\r\n".encode())
        half_sent(node, secret.encode())
        node.stop()
        lines = lines_of(node)
        token = node.token(AUTHOR)
    assert lines and all({"at", "level", "what", "trace"} <= line.keys() for line in lines)
    refused = [line for line in lines if line["what"] == "refused"]
    assert {line["rule"] for line in refused} >= {"PIPL-5", "reference"}
    assert {line["trace"] for line in refused if line["rule"] != "token"} == {TRACE}
    assert all(line["trace"] for line in refused), "who brings no trace is given one"
    assert not [line for line in lines if line["what"] == "bug"], lines
    for value in (secret, "13912345678", token):
        assert value not in node.logged and value not in node.said


def garbage(url, text):
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port), timeout=PATIENCE_S) as raw:
        raw.sendall(text)
        raw.recv(1000)


def half_sent(node, body):
    """A client that announces more than it sends, and leaves."""
    address = httpx.URL(node.url)
    for path, kind in (("/api/alerts/alerts", "application/json"), ("/api/alerts/imports", "application/xml")):
        signed = f"Authorization: Bearer {node.token(DUTY)}\r\nContent-Type: {kind}"
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{signed}\r\nContent-Length: 5000\r\n\r\n"
        with socket.create_connection((address.host, address.port), timeout=PATIENCE_S) as raw:
            raw.sendall(head.encode() + body)
            time.sleep(0.1)


def test_a_trace_goes_into_the_event_and_nothing_that_only_looks_like_one(node):
    whole = f"00-{TRACE}-00f067aa0ba902b7-01"
    for sent, kept in ((whole, whole), ("00-13912345678-1-1", None), (f"00-{'x' * 32}-00f067aa0ba902b7-01", None), ("y" * 4000, None)):
        made = node.draft(headers={"traceparent": sent})
        assert made.status_code == 201
        position = int(made.headers["ortoo-position"].rpartition(":")[2])
        (event,) = node.get("/api/events", DUTY, after=f"a{position - 1}", limit=1).json()
        assert event.get("traceparent") == kept
