import threading
import time

import pytest

from services.client.cap_import import alert_files, import_files, summary
from services.client.openapi import Api
from tests.client.node import accepts, refuses

CAP = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>%d</identifier></alert>'


@pytest.fixture
def folder(tmp_path):
    for n in range(6):
        (tmp_path / "deep").mkdir(exist_ok=True)
        (tmp_path / "deep" / f"{n}.xml").write_bytes(CAP % n)
    (tmp_path / "manifest.csv").write_text("not a warning")
    return tmp_path


def imported(node, path, **more):
    with Api.connect(node.url) as api:
        return list(import_files(api, alert_files(path), "t", **more))


def test_every_warning_of_a_folder_is_sent_as_it_is(node, folder):
    node.answers["ImportAlert"] = accepts(node, outcome="accepted_with_faults", faults=["no area", "no sent"])
    results = imported(node, folder)
    assert [one.path.name for one in results] == [f"{n}.xml" for n in range(6)]
    assert sorted(call.body for call in node.calls) == [CAP % n for n in range(6)]
    assert node.calls[0].headers["content-type"] == "application/cap+xml" and node.calls[0].token == "t"
    assert summary(results) == {"accepted_with_faults": 6} and results[0].faults == 2


def test_a_feed_counts_every_message_it_holds(node, tmp_path):
    (tmp_path / "feed.xml").write_bytes(b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>')
    items = [{"alert": "a", "outcome": "accepted", "faults": []}, {"alert": "b", "outcome": "quarantined", "faults": ["x"]}]
    node.answers["ImportAlert"] = accepts(node, items=items)
    assert summary(imported(node, tmp_path)) == {"accepted": 1, "quarantined": 1}
    assert node.calls[0].headers["content-type"] == "application/atom+xml"


def test_a_busy_node_loses_nothing(node, folder):
    node.busy = 4
    assert summary(imported(node, folder)) == {"accepted": 6}
    assert len(node.calls) == 6


def test_a_failed_request_is_named_and_the_others_go_on(node, folder):
    good = accepts(node, outcome="repeated")
    node.answers["ImportAlert"] = lambda call: refuses(413, "import.size", "split it")(call) if b">3<" in call.body else good(call)
    results = imported(node, folder)
    assert summary(results) == {"repeated": 5, "failed": 1}
    assert [(one.path.name, one.failure) for one in results if one.failure] == [("3.xml", "413 rule_broken · import.size · split it")]


def test_a_node_that_goes_away_is_a_failure_of_each_file(node, folder):
    with Api.connect(node.url) as api:
        api.http.base_url = "http://127.0.0.1:1"
        results = list(import_files(api, alert_files(folder), "t"))
    assert summary(results) == {"failed": 6} and "ConnectError" in str(results[0].failure)


def test_no_more_are_in_flight_than_asked_for(node, folder):
    running, most, lock = 0, 0, threading.Lock()

    class Slow(Api):
        def send_raw(self, *arguments):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            answer = super().send_raw(*arguments)
            time.sleep(0.02)
            with lock:
                running -= 1
            return answer

    with Slow.connect(node.url) as api:
        assert len(list(import_files(api, alert_files(folder), "t", in_flight=3))) == 6
    assert most == 3
