"""The OpenAPI document: valid, complete, and true: what it promises is what the node answers, also to nonsense."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import schemathesis

from services.wiring import SERVICES, permissions
from tests.support import ADMIN, DUTY, OFFICER, cap, fresh, problem

METHODS = {"get", "put", "post", "delete", "patch"}
PROMISED = set(
    [
        "ListAlerts",
        "GetAlert",
        "GetAlertCap",
        "ListQuarantine",
        "ReadEvents",
        "StreamEvents",
        "GetNode",
        "GetBoard",
        "GetAlertAcks",
        "ImportAlert",
    ]
)
EVERY_ROLE = ("ADMIN", "EMD.officer", "EMD.duty", "EMD.approver", "GOV", "HQ", "ICP", "SECT.weather", "ENT.dam", "SYS", "L4.office", "AUD")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 3  # random ones for each operation, beside those that cover every boundary of its schema
COUNT = re.compile(r"(\d+) generated, (\d+) passed")


@pytest.fixture(scope="module")
def document(node):
    return node.get("/openapi.json").json()


@pytest.fixture(scope="module")
def operations(document):
    return {
        operation["operationId"]: (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_the_document_is_valid(document):
    schemathesis.openapi.from_dict(document).validate()
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_an_operation_has_one_name_and_one_place(document):
    every = [(method, path, operation["operationId"]) for path, item in document["paths"].items() for method, operation in item.items()]
    assert not [name for name, count in Counter(name for *_, name in every).items() if count > 1]
    shapes = Counter((method, re.sub(r"{\w+}", "{}", path)) for method, path, _ in every)
    assert not [shape for shape, count in shapes.items() if count > 1]


def signed_by_the_node_only(row):
    """It allows nobody but SYS: a policy's, a timer's or a connector's own command."""
    return {role for grant in row.grants for role in grant.roles} == {"SYS"}


def test_every_command_is_an_operation_of_its_name(operations):
    rows = permissions().rows
    commands = {name for service in SERVICES for name in service.commands if not signed_by_the_node_only(rows[name])}
    commands -= {"QuarantineImport", "CorrectContact"}  # what ImportAlert sends for a body nobody can read; what a person's own page sends
    assert commands and not commands - operations.keys()
    assert {operations[name][0] for name in commands} == {"post"}


def test_the_queries_clients_rely_on_are_there(operations):
    assert not PROMISED - operations.keys()
    assert {operations[name][0] for name in PROMISED - {"ImportAlert"}} == {"get"}


def test_every_operation_says_how_it_may_fail(operations):
    for name, (method, _, operation) in operations.items():
        answers = operation["responses"]
        assert operation.get("description") or operation.get("summary"), name
        if method == "post":
            assert {"400", "401", "403", "404", "409", "413", "422", "503"} <= answers.keys(), name
            for status in ("400", "403", "422", "503"):
                assert list(answers[status]["content"]) == ["application/problem+json"], (name, status)


def test_bodies_refuse_what_they_do_not_know_however_deep(document, operations):
    nested = 0
    for name, (_, _, operation) in operations.items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        named = list(references(body))
        for reference in named:  # grows: what these name in turn
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
            named += [further for further in references(schema) if further not in named]
            if schema.get("type") == "object":
                assert schema.get("additionalProperties") is False, (name, reference)
        nested += len(named) > 1
    assert nested > 10


def references(schema):
    """What a schema names, at any depth."""
    if isinstance(schema, dict):
        yield from (schema["$ref"],) if isinstance(schema.get("$ref"), str) else ()
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


def test_what_is_not_known_deep_in_a_body_is_refused_with_its_path(node):
    """Of a plan's levels and measures as of every other: what was meant is not dropped in silence."""
    authority, measure = {"roles": ["HQ"], "division": "150722"}, {"measure": "P-1", "text": "watch", "role": ["EMD"]}
    level = {"level": 1, "authority": authority | {"organisation": "x"}, "measures": [measure], "hours": 3}
    body = {"plan": fresh("PLAN"), "type": "special", "hazard": "flood", "levels": [level]}
    said = problem(node.post("/api/alerts/plans", OFFICER, body), 400, "malformed", "schema")
    found = {fault["field"] for fault in said["failures"]}
    assert found == {"levels.0.authority.organisation", "levels.0.measures.0.role", "levels.0.hours"}


def test_a_service_s_own_document_holds_its_part(node, operations):
    part = node.get("/api/alerts/openapi.json").json()
    assert part["paths"]["/alerts"]["post"]["operationId"] == "DraftAlert"
    assert operations["DraftAlert"][1] == "/api/alerts/alerts"


@pytest.mark.timeout(420)
def test_nonsense_for_every_operation_meets_no_bug(node, operations, tmp_path):
    """schemathesis as its own command: boundaries of every schema, then random examples; the ids it needs are real ones."""
    known = {
        "alert": node.draft().json()["stream"].removeprefix("alert-"),
        "quarantine": node.take(f"<alert>{fresh('cut')}").json()["stream"].removeprefix("quarantine-"),
        "division": "150722",
        "root": "150000",
        "pack": "cn-2024-11",
    }
    known["quarantine_id"] = known["quarantine"]
    settings = "".join(f'"path.{name}" = "{value}"\n' for name, value in known.items())
    (tmp_path / "schemathesis.toml").write_text(f"[parameters]\n{settings}", encoding="utf-8")
    token = node.principals.mint("EVERYBODY", EVERY_ROLE, "150000")
    call = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{node.url}/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {token}", "--exclude-operation-id", "StreamEvents", "--checks", CHECKS),
        *("--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--workers", "1", "--seed", "20210718"),
        *("--generation-database", "none", "--warnings", "off"),
    ]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    generated, passed = map(int, COUNT.findall(done.stdout)[-1])
    assert generated == passed > 20 * len(operations), done.stdout[-1500:]
    assert node.get("/health/ready").status_code == 200, node.get("/health/ready").text
    assert not [line for line in node.logged.splitlines() if '"what":"bug"' in line]


def test_a_number_no_column_can_hold_stops_nothing(node, document, operations):
    """Every whole number of every body, far too large: refused, or kept; never a bug, and never a projection that stands still."""
    asked = 0
    for name, (_, path, operation) in operations.items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = document["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        for field, shape in fields.items():
            if "integer" in json.dumps(shape) or "number" in json.dumps(shape):
                for number in (2**31, 2**53 + 1, 2**63, 2**64, 10**400):
                    sent = node.http.post(
                        re.sub(r"{\w+}", "150000", path),
                        content=json.dumps({field: number}),
                        headers=node.signed(ADMIN, Content_Type="application/json"),
                    )
                    assert sent.status_code < 500, (name, field, number, sent.text)
                    asked += 1
    assert asked > 20
    assert node.get("/health/ready").status_code == 200


def test_a_large_number_in_a_whole_command_stops_nothing(node):
    station = {"division": "150722", "properties": ["rain"]}
    dam = {"zh": "水库", "type": "reservoir", "manager": "DAM.1", "division": "150722"}
    unit = {"code": "15072299", "zh": "x", "en": "x", "parent": "150722"}
    for number in (2**31, 2**53, 2**63, 2**64, 10**30, 10**400):
        for path, who, body in (
            ("/api/alerts/stations/ST-BIG", OFFICER, {**station, "interval_minutes": number}),
            ("/api/alerts/stations/ST-FAR", OFFICER, {**station, "lon": number, "lat": number}),
            ("/api/alerts/hazard-sources/DAM-BIG", OFFICER, {**dam, "storage_m3": number}),
            ("/api/registry/divisions/150000/units", ADMIN, {"units": [{**unit, "level": number}]}),
        ):
            answer = node.post(path, who, body)
            assert answer.status_code < 500, (path, number, answer.text)
    made = node.draft()
    assert node.settle(made.headers["ortoo-position"], "/api/alerts/alerts", DUTY).status_code == 200
    assert node.get("/health/ready").status_code == 200


def test_a_body_of_the_wrong_kind_is_told_so(node):
    problem(node.take(b"", DUTY), 400, "malformed", "schema")
    assert node.take(cap(), kind="text/plain").status_code == 201, "a warning is never refused for its label"
