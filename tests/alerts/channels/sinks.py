"""The other ends, for real, on loopback: a mail server and a web server that keep what they get."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MailSink:
    """Speaks as much SMTP as smtplib asks for. `refuses` maps an address to the answer to its RCPT."""

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    got: list[EmailMessage] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller, caller.makefile("rb") as lines:
                self._talk(caller, lines)

    def _talk(self, caller, lines):
        def say(text):
            caller.sendall(text.encode() + b"\r\n")

        say("220 sink")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"RCPT":
                address = line.partition(b"<")[2].partition(b">")[0].decode()
                say(self.refuses.get(address, "250 ok"))
            elif verb == b"DATA":
                say("354 go on")
                body = b""
                while (part := lines.readline()) != b".\r\n":
                    body += part[1:] if part.startswith(b"..") else part
                self.got.append(message_from_bytes(body, policy=policy.default))
                say("250 taken")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sink = MailSink(listening.getsockname()[1])
        thread = threading.Thread(target=sink.serve, args=(listening,), daemon=True)
        thread.start()
        yield sink
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@dataclass
class WebSink:
    """Answers `status` to every POST and keeps headers and body."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web_sink(context: ssl.SSLContext | None = None) -> Iterator[WebSink]:
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(sink.status)
            if 300 <= sink.status < 400:
                self.send_header("Location", sink.url + "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # a caller that does not trust us hangs up

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        sink.url = f"{'https' if context else 'http'}://localhost:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield sink
        server.shutdown()
        thread.join(5)
