import pytest

from services.client.openapi import Api, Operation, Unfit, operations, request, sniffed
from tests.client.node import Call, accepts

POST = Operation("StartMeasure", "POST", "/alerts/{alert}/measures", ("alert",), (), ("application/json",))
LIST = Operation("ListAlerts", "GET", "/alerts", (), ("after", "open"), ())
IMPORT = Operation("ImportAlert", "POST", "/imports", (), ("source",), ("application/xml", "application/json"))


def test_keys_go_into_path_query_and_body_as_the_document_says():
    sent = request(POST, {"alert": "AL-1", "measure": "MS-1"}, {"Ortoo-At": "now"})
    assert (sent.path, sent.json, sent.raw) == ("/alerts/AL-1/measures", {"measure": "MS-1"}, None)
    assert request(LIST, {"after": "x", "open": True}, {}).query == {"after": "x", "open": "true"}


def test_a_query_key_without_a_value_is_left_out():
    assert request(LIST, {"after": None}, {}).query == {}


def test_a_key_of_the_path_cannot_break_out_of_it():
    assert request(POST, {"alert": "../x?y/z"}, {}).path == "/alerts/..%2Fx%3Fy%2Fz/measures"


@pytest.mark.parametrize("arguments", [{}, {"alert": None}])
def test_a_missing_path_key_is_said_before_anything_is_sent(arguments):
    with pytest.raises(Unfit, match="StartMeasure needs alert"):
        request(POST, arguments, {})


def test_a_key_that_has_no_place_is_said_before_anything_is_sent():
    with pytest.raises(Unfit, match="no place for colour"):
        request(LIST, {"colour": "red"}, {})


def test_raw_content_is_the_body_under_a_type_the_operation_takes():
    sent = request(IMPORT, {"raw": "<alert>é", "source": "x"}, {})
    assert (sent.raw, sent.headers["Content-Type"], sent.query) == ("<alert>é".encode(), "application/xml", {"source": "x"})
    assert request(IMPORT, {"raw": '{"a": 1}'}, {}).headers["Content-Type"] == "application/json"


def test_raw_is_an_ordinary_key_where_the_operation_takes_json_only():
    assert request(POST, {"alert": "A", "raw": "<x/>"}, {}).json == {"raw": "<x/>"}


@pytest.mark.parametrize(
    ("content", "best"),
    [
        (b'\xef\xbb\xbf {"a":1}', "application/json"),
        (b"[1]", "application/json"),
        (b'<?xml version="1.0"?><feed xmlns="x">', "application/atom+xml"),
        (b"<alert><identifier>broken", "application/cap+xml"),
        (b"", "application/cap+xml"),
    ],
)
def test_content_tells_its_type(content, best):
    assert sniffed(content)[0] == best


def test_parameters_behind_references_and_on_the_path_are_found():
    document = {
        "components": {"parameters": {"Alert": {"name": "alert", "in": "path"}}},
        "paths": {"/a/{alert}": {"parameters": [{"$ref": "#/components/parameters/Alert"}], "get": {"operationId": "GetAlert"}}},
    }
    assert operations(document)["GetAlert"].in_path == ("alert",)


def test_an_unknown_operation_is_unfit(node):
    with Api.connect(node.url) as api, pytest.raises(Unfit, match="no operation CloseIncident"):
        api.call("CloseIncident")


def test_a_busy_node_is_asked_again_when_it_says_so(node):
    node.busy = 2
    with Api.connect(node.url) as api:
        assert api.call("DraftAlert", {"alert": "AL-1"}).status == 201
    assert [call.json for call in node.calls] == [{"alert": "AL-1"}]


def test_a_node_that_stays_busy_is_not_asked_for_ever(node):
    waits: list[float] = []
    node.busy = 10**6
    with Api.connect(node.url) as api:
        api.sleep = waits.append
        assert api.call("DraftAlert", {}).status == 503
    assert 0 < len(waits) <= 1000


def test_the_body_of_a_command_without_one_is_empty(node):
    bodies = []

    def look(call: Call):
        bodies.append(call.body)
        return accepts(node)(call)

    node.answers["ApproveAlert"] = look
    with Api.connect(node.url) as api:
        api.call("ApproveAlert", {"alert": "AL-1"})
    assert bodies == [b""]
