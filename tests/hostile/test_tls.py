"""Calls go to whom they should, encrypted: every other certificate is refused with a remedy, and nothing turns that off."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.http import build, make_client, send, trusted
from console.preflight import tls
from engine.model.failure import Failure, Misset
from tests.hostile.authority import DAY, NOW, WRONG, Authority, too_old


@asynccontextmanager
async def served(certificate: Path, oldest: bool = False) -> AsyncIterator[int]:
    """A web server with this certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if oldest:
        too_old(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "localhost", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def called(port: int) -> int:
    async with make_client() as client:
        url = f"https://localhost:{port}/"
        request = build(client, "GET", url, who="The ERP", content=b"", headers={})
        return (await send(client, request, who="The ERP", write=False)).status_code


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority of our own, trusted by SSL_CERT_FILE."""
    authority = Authority(tmp_path, "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    trusted.cache_clear()
    yield authority
    trusted.cache_clear()


async def test_an_authority_of_ones_own_is_believed(ours: Authority) -> None:
    async with served(ours.certificate("localhost", NOW + DAY)) as port:
        assert await called(port) == 204


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
async def test_any_other_certificate_is_refused_with_a_remedy(
    ours: Authority, tmp_path: Path, made: Callable[[Authority, Path], Path]
) -> None:
    async with served(made(ours, tmp_path)) as port:
        with pytest.raises(Misset, match="The certificate of The ERP is not trusted") as refused:
            await called(port)
        assert refused.value.remedy
        [line] = await tls("main: back office TLS", f"https://localhost:{port}", NOW)
        assert (line.ok, line.detail.startswith("The certificate of localhost is not trusted")) == (
            False,
            True,
        )


async def test_a_protocol_that_is_too_old_is_not_spoken(ours: Authority) -> None:
    assert trusted().minimum_version == ssl.TLSVersion.TLSv1_2
    async with served(ours.certificate("localhost", NOW + DAY), oldest=True) as port:
        with pytest.raises(Failure):
            await called(port)


async def test_a_certificate_that_ends_soon_is_named_by_the_check(ours: Authority) -> None:
    async with served(ours.certificate("localhost", NOW + 3 * DAY)) as port:
        [line] = await tls("main: shop TLS", f"https://localhost:{port}", NOW)
        assert (line.ok, line.note, "ends on" in line.detail) == (True, True, True)
    async with served(ours.certificate("localhost", NOW + 29 * DAY)) as port:
        [line] = await tls("main: shop TLS", f"https://localhost:{port}", NOW)
        assert (line.ok, line.note, "lasts until" in line.detail) == (True, False, True)
    [line] = await tls("main: shop TLS", "http://erp.example.test", NOW)
    assert (line.ok, line.detail) == (False, "Calls to erp.example.test are not encrypted.")


def test_nothing_turns_the_check_off() -> None:
    house = Path(__file__).parents[2]
    off = re.compile(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified_context")
    folders = [house / name for name in ("adapters", "console", "engine", "screens")]
    found = [p for f in folders for p in f.rglob("*.py") if off.search(p.read_text(encoding="utf-8"))]
    assert found == []
