"""Requests whose end is open to doubt are refused and the connection is closed: nothing rides along in a body."""

import asyncio

import pytest

HIDDEN = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\n"
LENGTH = b"content-length: %d\r\n" % (len(HIDDEN) + 5)
AMBIGUOUS = {
    "length and chunks": HEAD + b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": HEAD + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": HEAD + b"content-length: 0\r\ncontent-length: 36\r\n\r\n" + HIDDEN,
    "two lengths in one": HEAD + b"content-length: 0, 36\r\n\r\n" + HIDDEN,
    "a length with a sign": HEAD + b"content-length: +0\r\n\r\n" + HIDDEN,
    "a length in hexadecimal": HEAD + b"content-length: 0x0\r\n\r\n" + HIDDEN,
    "a length that is negative": HEAD + b"content-length: -1\r\n\r\n" + HIDDEN,
    "chunked twice": HEAD + b"transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked, but not last": HEAD + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an unknown encoding": HEAD + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": HEAD + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": HEAD + b"transfer-encoding:\r\n chunked\r\ncontent-length: 0\r\n\r\n" + HIDDEN,
    "a chunk size that is none": HEAD + b"transfer-encoding: chunked\r\n\r\nZ\r\n\r\n" + HIDDEN,
    "a chunk that ends wrongly": HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\nAB\r\n0\r\n\r\n" + HIDDEN,
    "a chunk without its end": HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nAAXX0\r\n\r\n" + HIDDEN,
    "a bare line feed in the head": HEAD
    + b"x: y\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n"
    + HIDDEN,
    "a null in a header": HEAD + b"x: a\x00b\r\ncontent-length: 0\r\n\r\n" + HIDDEN,
    "a line without a name": HEAD + b": chunked\r\ncontent-length: 0\r\n\r\n" + HIDDEN,
}


@pytest.fixture
def listener_options() -> dict[str, float]:
    return {"receive_seconds": 0.5}


async def answers(port: int, request: bytes) -> bytes:
    """All that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    said = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return said


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_nothing_rides_along_in_a_request_whose_end_is_in_doubt(door, request_: bytes) -> None:
    said = await answers(door.listener.port, request_)
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 ", b"HTTP/1.1 408 ")), said[:200]
    assert said.count(b"HTTP/1.1 ") == 1
    assert b'"ok":true' not in said
    assert door.sink.rows == []


async def test_two_honest_requests_on_one_connection_are_both_answered(door) -> None:
    """The test above could fail."""
    said = await answers(door.listener.port, HEAD + b"content-length: 0\r\n\r\n" + HIDDEN)
    assert said.startswith(b"HTTP/1.1 401 ")
    assert said.count(b"HTTP/1.1 ") == 2
    assert b'"ok":true' in said
