"""What a database server does until somebody has logged in: it agrees to TLS, then hears the login and refuses it.

The messages are those of PostgreSQL 18 ("Message Flow", SSLRequest and GSSENCRequest) and of the MySQL protocol
(HandshakeV10, SSLRequest, ERR_Packet).
"""

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
REFUSED = "password authentication failed for user"
CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x800 | 0x8000 | 0x80000
"""Long passwords, a database named at login, protocol 4.1, TLS, a salted password, and plugins for it."""


def _exactly(line: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        some = line.recv(size - len(got))
        if not some:
            raise ConnectionError("hung up")
        got += some
    return got


class Door(socketserver.ThreadingTCPServer):
    """Listens on localhost; `heard` has a word for everybody who came as far as to say something."""

    daemon_threads = True
    address_family = socket.AF_INET

    def __init__(self, kind: str, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), {"postgresql": _PostgreSQL, "mysql": _MySQL}[kind])
        self.context = context
        self.says = REFUSED
        """What whoever logs in is told."""
        self.heard: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Guard(socketserver.BaseRequestHandler):
    server: Door

    line: ssl.SSLSocket | None = None

    def secured(self) -> ssl.SSLSocket | None:
        """The line after TLS was agreed on and something came over it; None when the other side would not."""
        line = self.server.context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        self.line = line
        try:
            line.do_handshake()
            said = line.recv(65536)
        except OSError:
            return None
        if not said:
            return None
        self.server.heard.append("login over TLS")
        return line

    def finish(self) -> None:
        if self.line is not None:
            self.line.close()


class _PostgreSQL(_Guard):
    def handle(self) -> None:
        try:
            _, code = struct.unpack("!II", _exactly(self.request, 8))
            if code == GSS_REQUEST:
                self.request.sendall(b"N")
                _, code = struct.unpack("!II", _exactly(self.request, 8))
        except ConnectionError:
            return
        if code != SSL_REQUEST:
            self.server.heard.append("login in the clear")
            return
        self.request.sendall(b"S")
        if line := self.secured():
            fields = b"SFATAL\0VFATAL\0C28000\0M" + self.server.says.encode() + b"\0\0"
            line.sendall(b"E" + struct.pack("!I", 4 + len(fields)) + fields)


class _MySQL(_Guard):
    def handle(self) -> None:
        low, high = struct.pack("<I", CAPABILITIES)[:2], struct.pack("<I", CAPABILITIES)[2:]
        greeting = b"\x0a8.0.36\0" + struct.pack("<I", 7) + b"saltsalt\0" + low + b"\x2d\x02\x00" + high
        greeting += bytes([21]) + bytes(10) + b"saltsaltsalt\0" + b"mysql_native_password\0"
        self.request.sendall(struct.pack("<I", len(greeting))[:3] + b"\0" + greeting)
        try:
            head = _exactly(self.request, 4)
            asked = _exactly(self.request, int.from_bytes(head[:3], "little"))
        except ConnectionError:
            return
        if len(asked) > 32 or not struct.unpack("<I", asked[:4])[0] & 0x800:
            self.server.heard.append("login in the clear")
            return
        if line := self.secured():
            error = b"\xff" + struct.pack("<H", 1045) + b"#28000" + self.server.says.encode()
            line.sendall(struct.pack("<I", len(error))[:3] + b"\x03" + error)


@contextmanager
def door(kind: str, context: ssl.SSLContext) -> Iterator[Door]:
    """Such a server, until the block ends."""
    server = Door(kind, context)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    running.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        running.join()
