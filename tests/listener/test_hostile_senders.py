"""Senders that are too big, too slow or too many."""

import asyncio

import pytest

from adapters.listener import Busy


async def _talk(port: int, *parts: bytes) -> bytes:
    """Send the parts as they are, then read until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.fixture
def listener_options() -> dict[str, float]:
    return {"body_limit": 1000, "receive_seconds": 0.2, "max_inflight": 2}


async def test_a_body_over_the_limit_is_refused(door):
    reply = await door.ring(b'"' + b"x" * 1500 + b'"')
    assert reply.status_code == 413
    assert door.sink.rows == []


async def test_a_body_over_the_limit_in_chunks_is_refused(door):
    async def chunks():
        for _ in range(20):
            yield b"x" * 100

    reply = await door.http.post("/webhooks/shopify/main", content=chunks())
    assert reply.status_code == 413


async def test_an_endless_body_is_cut(door):
    answer = await _talk(
        door.listener.port,
        b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n",
        b"x" * 9000,
    )
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_dripping_head_is_cut(door):
    answer = await _talk(door.listener.port, b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\nx-slow: ")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_silent_connection_is_cut(door):
    assert (await _talk(door.listener.port)).startswith(b"HTTP/1.1 408 ")


async def test_a_dripping_body_is_cut_and_not_stored(door):
    answer = await _talk(
        door.listener.port,
        b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n",
        b"{",
    )
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert door.sink.rows == []


async def test_a_second_request_that_drips_on_the_same_connection_is_cut(door):
    answer = await _talk(
        door.listener.port, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /healthz HTTP/1.1\r\nho"
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


async def test_endless_headers_are_cut(door):
    head = b"GET /healthz HTTP/1.1\r\n" + b"x-a: " + b"a" * 40_000
    answer = await _talk(door.listener.port, head)
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_noise_is_no_request(door):
    assert (await _talk(door.listener.port, b"\x16\x03\x01\x00\xff\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_crowd_is_asked_to_come_back(door):
    gate, inside = asyncio.Event(), asyncio.Semaphore(0)

    async def slow(row):
        inside.release()
        await gate.wait()
        return True

    door.sink.receive = slow
    waiting = [asyncio.create_task(door.ring(b"{}", x_shopify_webhook_id=f"w-{n}")) for n in range(2)]
    for _ in waiting:
        await inside.acquire()
    turned_away = await door.ring(b"{}")
    assert (turned_away.status_code, turned_away.headers["retry-after"]) == (503, "2")
    gate.set()
    assert [(await task).status_code for task in waiting] == [200, 200]


async def test_stopping_lets_a_request_in_flight_finish(door):
    gate = asyncio.Event()
    started = asyncio.Event()

    async def slow(row):
        started.set()
        await gate.wait()
        return True

    door.sink.receive = slow
    ringing = asyncio.create_task(door.ring(b"{}"))
    await started.wait()
    stopping = asyncio.create_task(door.listener.stop())
    gate.set()
    assert (await ringing).status_code == 200
    await stopping


async def test_a_taken_port_is_said_at_once(door):
    from adapters.listener import Listener

    second = Listener("127.0.0.1", door.listener.port, {}, door.sink, lambda: door.health["now"])
    with pytest.raises(OSError, match="in use"):
        await second.start()


def test_busy_carries_a_wait():
    assert Busy().retry_after > 0
