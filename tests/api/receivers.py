"""Real servers on this machine that take what is delivered: a web server for webhooks, a mail server."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hook:
    """A web server that keeps what is posted to it. ``answers`` are given one after the other, the last one ever after."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(204, {})])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?of=mine"


@contextmanager
def web_server() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.requests.append((self.path, dict(self.headers), body))
            status, headers = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        with _running(server):
            yield hook


@dataclass
class MailBox:
    """A mail server (RFC 5321, without extensions) that keeps what it accepts.

    ``refuse`` says, for a step (``MAIL``, ``RCPT`` with the recipient, ``DATA``, ``.``), what is answered instead of OK; an
    empty answer closes the connection.
    """

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    dialogue: list[str] = field(default_factory=list)
    refuse: Callable[[str], str | None] = lambda step: None


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            recipient = ""
            self._say("220 mail.example ready")
            while line := self.rfile.readline().decode().strip():
                box.dialogue.append(line)
                step = line.split(":")[0].split(" ")[0].upper()
                if step == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                if not self._may(f"{step} {recipient}" if step == "RCPT" else step):
                    if self.wfile.closed:
                        return
                    continue
                if step == "QUIT":
                    self._say("221 bye")
                    return
                if step == "DATA":
                    self._say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(part[1:] if part.startswith(b"..") else part)
                    if not self._may("."):
                        if self.wfile.closed:
                            return
                        continue
                    box.mails.append((recipient, b"".join(lines)))
                self._say("250 OK")

        def _may(self, step: str) -> bool:
            answer = box.refuse(step)
            if answer is None:
                return True
            if answer:
                self._say(answer)
            else:
                self.wfile.close()
                self.connection.close()
            return False

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        with _running(server):
            yield box


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
