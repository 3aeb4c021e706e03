"""Headers without end do not fill the memory, and an answer leaves in one piece."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from shared.runtime.protocol import AT_ONCE, Whole
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


@pytest.mark.parametrize("path", ["/health/live", "/api/alerts/openapi.json", "/nowhere"])
def test_who_says_that_nothing_more_comes_is_answered(node, path):
    at = urlsplit(node.url)
    for _ in range(10):
        with socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            line.shutdown(socket.SHUT_WR)
            answer = b""
            while got := line.recv(65536):
                answer += got
        assert answer.startswith(b"HTTP/1.1 ")


class Line:
    """A transport that notes what it is told."""

    def __init__(self):
        self.told, self.gone = [], False

    def is_closing(self):
        return self.gone

    def write(self, data):
        self.told.append(bytes(data))

    def close(self):
        self.told.append("closed")


def test_what_is_written_in_one_turn_leaves_in_one_piece_and_before_the_end():
    async def answered():
        line = Line()
        whole = Whole(line, asyncio.get_running_loop())
        whole.write(b"head")
        whole.write(b"body")
        assert line.told == []
        await asyncio.sleep(0)
        whole.write(b"last")
        whole.close()
        await asyncio.sleep(0)
        return line.told

    assert asyncio.run(answered()) == [b"headbody", b"last", "closed"]


def test_nothing_is_written_to_who_is_gone_and_large_answers_do_not_wait():
    async def answered():
        line = Line()
        whole = Whole(line, asyncio.get_running_loop())
        whole.write(b"x" * (AT_ONCE + 1))
        assert [len(piece) for piece in line.told] == [AT_ONCE + 1]
        whole.write(b"late")
        line.gone = True
        await asyncio.sleep(0)
        return len(line.told)

    assert asyncio.run(answered()) == 1
