"""Of a crowd that never finishes its requests the oldest go, and genuine webhooks are taken all the same."""

import asyncio

import pytest

HEAD = b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\nx-slow: "
BODY = b"POST /webhooks/shopify/main HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"
MOST = 5


@pytest.fixture
def listener_options() -> dict[str, float]:
    return {"receive_seconds": 60.0, "max_waiting": MOST, "max_inflight": 2, "body_limit": 1000}


@pytest.mark.parametrize("begun", [HEAD, BODY], ids=["heads", "bodies"])
async def test_the_longest_dawdlers_are_cut_and_genuine_webhooks_are_taken(door, begun: bytes) -> None:
    crowd = []
    for _ in range(4 * MOST):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.listener.port)
        writer.write(begun)
        await writer.drain()
        crowd.append((reader, writer))
    async with asyncio.timeout(20):
        for reader, _ in crowd[: 3 * MOST - 1]:
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    for number in range(3):
        assert (await door.ring(b"{}", x_shopify_webhook_id=f"w-{number}")).status_code == 200
    assert len(door.sink.rows) == 3
    assert not any(reader.at_eof() for reader, _ in crowd[-MOST + 2 :])
    for _, writer in crowd:
        writer.close()
