"""Headers without end do not fill the memory."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from tests.waiting import PATIENCE_S


def talk(node, *parts: bytes) -> bytes:
    at = urlsplit(node.url)
    with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as line:
        try:
            for part in parts:
                line.sendall(part)
            answer = b""
            while got := line.recv(65536):
                answer += got
        except (ConnectionResetError, BrokenPipeError):
            return b"closed"
        return answer


def test_headers_without_end_are_cut_off(node):
    answer = talk(node, b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ", *[b"a" * 60_000] * 40)
    assert answer == b"closed" or answer.startswith(b"HTTP/1.1 400")


def test_a_usual_request_with_a_long_body_passes(node):
    body = b"x" * 300_000
    head = b"POST /api/alerts/imports HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/cap+xml\r\n"
    answer = talk(node, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 401")


def test_two_requests_on_one_line_are_two_answers(node):
    ask = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
    assert talk(node, ask + b"\r\n" + ask + b"Connection: close\r\n\r\n").count(b"HTTP/1.1 200") == 2
