"""A real SMTP server on a loopback port that keeps what it is given, and answers as a test wants."""

import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

OK = "250 OK"


class _Dialogue(socketserver.StreamRequestHandler):
    server: "MailReceiver"  # type: ignore[assignment]

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 receiver.example ESMTP")
        recipient = ""
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line[:4].upper()
            if verb == "EHLO":
                self.say("250-receiver.example")
                self.say("250 SIZE 50000000")
            elif verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                answer = self.server.to_recipient(recipient)
                if answer is None:
                    return
                self.say(answer)
            elif verb == "DATA":
                self.say("354 go on")
                text = bytearray()
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    text += part.removeprefix(b".") if part.startswith(b"..") else part
                self.server.given.append((recipient, bytes(text)))
                answer = self.server.to_text(recipient)
                if answer is None:
                    return
                self.say(answer)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say(OK)


class MailReceiver(socketserver.ThreadingTCPServer):
    """``given`` has (recipient, text) of every mail, in order. An answer of None breaks the connection off."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, to_recipient: Callable[[str], str | None] = lambda _: OK, to_text: Callable[[str], str | None] = lambda _: OK
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.to_recipient = to_recipient
        self.to_text = to_text
        self.given: list[tuple[str, bytes]] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.shutdown()
        self.server_close()
