"""Bodies that come in piece by piece: whole ones are given out, and those that dawdle hold a bounded share of memory."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.bodies import DRAIN, TOGETHER, Bodies, NoBody

LIMIT = 100
Next = Callable[[], Any]


class Sender:
    """Hands over one piece each time it is asked; `meanwhile` happens before the piece of that number."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces, self._ends, self._at = pieces, ends, 0
        self.meanwhile: dict[int, Callable[[], Any]] = {}

    async def __call__(self) -> dict[str, Any]:
        if self._at in self.meanwhile:
            await self.meanwhile[self._at]()
        if self._at == len(self._pieces):
            return {"type": "http.disconnect"}
        self._at += 1
        more = not self._ends or self._at < len(self._pieces)
        return {"type": "http.request", "body": self._pieces[self._at - 1], "more_body": more}


@pytest.mark.parametrize(
    ("pieces", "ends", "headers", "came"),
    [
        ((b"whole",), True, {}, b"whole"),
        ((b"in ", b"", b"pieces"), True, {}, b"in pieces"),
        ((), True, {}, NoBody.GONE),
        ((b"then gone",), False, {}, NoBody.GONE),
        ((b"x" * (LIMIT + 1),), True, {}, NoBody.TOO_BIG),
        ((b"x" * LIMIT, b"x"), True, {}, NoBody.TOO_BIG),
        ((b"x" * LIMIT,) * (DRAIN + 1), False, {}, NoBody.TOO_BIG),
        ((b"said to be long",), True, {"content-length": "101"}, NoBody.TOO_BIG),
        ((), True, {"content-length": "101", "expect": "100-continue"}, NoBody.TOO_BIG),
        ((b"any length",), True, {"content-length": "٣"}, b"any length"),
    ],
)
async def test_a_body_is_whole_or_there_is_none(
    pieces: tuple[bytes, ...], ends: bool, headers: dict[str, str], came: bytes | NoBody
) -> None:
    bodies = Bodies(LIMIT)
    assert await bodies.read(headers, Sender(*pieces, ends=ends)) == came
    assert bodies.held == 0


async def test_a_crowd_that_never_ends_gives_way_to_whoever_comes_last() -> None:
    """Each of a crowd is interrupted by the next one; the first to come are given up, the last is read whole."""
    bodies, found, most = Bodies(LIMIT), list[bytes | NoBody](), list[int]()

    async def dawdle(left: int) -> None:
        most.append(bodies.held)
        if left == 0:
            found.append(await bodies.read({}, Sender(b"g" * 50, b"g" * 50)))
            return
        sender = Sender(b"d" * (LIMIT - 1), b"d")
        sender.meanwhile[1] = lambda: dawdle(left - 1)
        found.append(await bodies.read({}, sender))

    await dawdle(3 * TOGETHER)
    assert found[0] == b"g" * 100
    assert max(most) <= TOGETHER * LIMIT
    given_up = [one is NoBody.GIVEN_UP for one in found[1:]]
    assert given_up == sorted(given_up) and 2 * TOGETHER - 1 <= sum(given_up) < 3 * TOGETHER
    assert bodies.held == 0
