"""What nginx does with a request: the right service, whole bodies, streams as they come, and no command sent twice."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.infra.compose import services, staying
from tools.compose import Places
from tools.services import component

IMPORT = 8 * 1024 * 1024


class Behind(ThreadingHTTPServer):
    """A service behind the door that keeps what it was asked."""

    daemon_threads = True

    def __init__(self, name: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), Answers)
        self.name, self.asked, self.go_on, self.dies = name, [], threading.Event(), False
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Answers(BaseHTTPRequestHandler):
    server: Behind
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(("GET", self.path, dict(self.headers)))
        if self.path.startswith("/api/events/stream"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: first\n\n")
            self.server.go_on.wait(20)
            self.close_connection = True
            return
        self._said(self.server.name.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(("POST", self.path, dict(self.headers)))
        if self.server.dies:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._said(str(len(body)).encode())

    def _said(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def door(tmp_path):
    """nginx, and by name what is behind it."""
    places = Places(tmp_path, services())
    behind = {name: Behind(name, places.port(name, 8000)) for name, service in staying().items() if "outside" in service["networks"]}
    nginx = component("nginx", services()["nginx"], places, tmp_path / "nginx")
    nginx.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{nginx.port}", timeout=20) as http:
            yield http, behind
    finally:
        nginx.kill()
        for server in behind.values():
            server.close()


@pytest.mark.parametrize(
    ("path", "served_by"),
    [
        ("/", {"front"}),
        ("/api/node", {"front"}),
        ("/api/events?after=now", {"front"}),
        ("/health/ready", {"front"}),
        ("/api/registry/divisions", {"registry"}),
        ("/api/alerts/alerts", {"alerts", "alerts2"}),
        ("/answer/a-token", {"alerts", "alerts2"}),
        ("/answer.css", {"alerts", "alerts2"}),
        ("/api/alertsx", {"front"}),
    ],
)
def test_a_path_leads_to_its_service_unchanged(door, path, served_by):
    http, behind = door
    assert http.get(path).text in served_by
    asked = [headers for name in served_by for _, asked, headers in behind[name].asked if asked == path]
    assert [headers["Host"] for headers in asked] == [http.base_url.netloc.decode()], "what the browser's Origin is compared with"


def test_the_measurements_of_a_process_are_not_shown_outside(door):
    http, _ = door
    assert http.get("/metrics").status_code == 404


def test_the_largest_import_goes_through_and_a_larger_one_is_the_services_to_refuse(door):
    http, _ = door
    for size in (IMPORT, IMPORT + 1):
        assert http.post("/api/alerts/imports", content=b"x" * size).text == str(size)
    assert http.post("/api/alerts/imports", content=b"x" * 2 * IMPORT).status_code == 413


def test_a_live_event_arrives_while_the_stream_goes_on(door):
    http, behind = door
    with http.stream("GET", "/api/events/stream") as stream:
        assert next(stream.iter_text()) == "data: first\n\n"
        behind["front"].go_on.set()


def test_a_process_that_is_down_is_passed_over(door):
    http, behind = door
    behind["alerts"].close()
    for _ in range(6):
        assert http.post("/api/alerts/alerts", content=b"{}").status_code == 200


def test_a_command_that_one_process_may_have_taken_is_not_sent_to_the_other(door):
    http, behind = door
    behind["alerts"].dies = behind["alerts2"].dies = True
    assert http.post("/api/alerts/alerts", content=b"{}").status_code == 502
    assert len(behind["alerts"].asked + behind["alerts2"].asked) == 1
