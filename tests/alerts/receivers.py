"""A mail server and a web server on loopback that keep what they are sent."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

PATIENCE = 30.0


@dataclass
class Receiver:
    """What both have in common: a port, what came, and waiting for it."""

    port: int = 0
    connections: int = 0
    came: list = field(default_factory=list)  # type: ignore[type-arg]
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def keep(self, thing: object) -> None:
        async with self.news:
            self.came.append(thing)
            self.news.notify_all()

    async def until(self, holds: Callable[[list], object]) -> None:  # type: ignore[type-arg]
        """Wait until what came fulfils something."""
        async with asyncio.timeout(PATIENCE), self.news:
            await self.news.wait_for(lambda: holds(self.came))


@dataclass(frozen=True)
class Posted:
    headers: dict[str, str]
    body: bytes


@dataclass
class Web(Receiver):
    answer: bytes = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


@asynccontextmanager
async def mailbox() -> AsyncIterator[Receiver]:
    """SMTP (RFC 5321), as much as a sender without options needs."""
    box = Receiver()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        box.connections += 1
        writer.write(b"220 mail.test\r\n")
        while line := (await reader.readline()).strip().upper():
            if line == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                mail = email.message_from_bytes(raw, policy=email.policy.default)
                assert isinstance(mail, EmailMessage)
                await box.keep(mail)
            writer.write(b"221 bye\r\n" if line == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if line == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


@asynccontextmanager
async def web() -> AsyncIterator[Web]:
    """HTTP/1.1, one request per connection."""
    site = Web()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.connections += 1
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        writer.write(site.answer)
        await writer.drain()
        writer.close()
        await site.keep(Posted(headers, body))

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
