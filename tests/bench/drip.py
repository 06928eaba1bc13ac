"""A crowd that never finishes a request: `python drip.py PORT PATH CONNECTIONS`.

Each connection sends the beginning of a webhook, of every other its whole head, then a byte a second; one that is cut
is opened anew at once. Prints
`ready` once all are open, and, when its standard input ends, how many times it was cut and the fewest that were open.
"""

import asyncio
import contextlib
import json
import sys

EVERY = 1.0


class Drip:
    """The crowd."""

    def __init__(self, port: int, path: str, connections: int) -> None:
        self._port, self._connections = port, connections
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
        self._begun = f"{head}X-Slow: ".encode(), f"{head}\r\n{{".encode()
        self.here = asyncio.Event()
        """Nearly all are open; some are always being opened anew."""
        self.over = asyncio.Event()
        self.open = self.cut = 0
        self.fewest: int | None = None

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()

    async def dawdle(self, number: int) -> None:
        """One connection after the other, the first of them a little later than that of the number before."""
        await self._pause(2.0 * number / self._connections)
        while not self.over.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await self._pause(EVERY)
                continue
            self.open += 1
            if self.open >= 0.98 * self._connections:
                self.here.set()
            try:
                writer.write(self._begun[number % 2])
                while not reader.at_eof() and not self.over.is_set():
                    await self._pause(EVERY)
                    writer.write(b"x")
                    await writer.drain()
            except ConnectionError:
                pass  # that is how it is told
            finally:
                self.open -= 1
                self.cut += 1
                if self.fewest is not None:
                    self.fewest = min(self.fewest, self.open)
                writer.close()


async def main(port: int, path: str, connections: int) -> None:
    drip = Drip(port, path, connections)
    crowd = [asyncio.ensure_future(drip.dawdle(number)) for number in range(connections)]
    await drip.here.wait()
    drip.fewest = drip.open
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    said = {"cut": drip.cut, "fewest": drip.fewest}
    drip.over.set()
    await asyncio.gather(*crowd)
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    _, port, path, connections = sys.argv
    asyncio.run(main(int(port), path, int(connections)))
