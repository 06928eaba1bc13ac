"""The people of the world: seeded acts over the control APIs, on the web, at tills and in the back office."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import httpx

from console.world.floor import Floor, promised
from console.world.remotes import Hands, Json, Remote

WEB, TILL = 0.8, 0.2
"""How orders come in."""
BESIDE = {"sale": 0.25, "receipt": 0.2, "transfer": 0.08, "ship": 0.25, "cancel": 0.04, "refund": 0.04}
"""Other acts per order."""
EDIT = 0.25
"""Units taken out of recent orders by staff of the shop, per order, where that is played."""
UNSEEN_SECONDS = 20.0
"""How long staff look out for the document of a cancelled order that was not booked yet."""
AT_ONCE = 24
"""Acts under way at the same time."""
STAFF = 2
"""People in the back office; what comes up while all are at work is left undone, buyers do not wait for it."""


class People:
    """Acts until told to stop; `rate` is orders per minute. With `edits` staff change orders once they are placed."""

    def __init__(
        self,
        shop: Remote,
        erp: Remote,
        *,
        skus: Sequence[str],
        warehouses: Sequence[str],
        seed: int,
        rate: float,
        edits: bool = False,
    ) -> None:
        self._shop, self._erp = shop, erp
        self._skus, self._warehouses = list(skus), list(warehouses)
        self._chance = random.Random(seed)  # noqa: S311 - reproducible people, not a secret
        self._rate = rate
        self._beside = {**BESIDE, "edit": EDIT} if edits else BESIDE
        self._recent: deque[str] = deque(maxlen=3)
        self._handed: deque[str] = deque(maxlen=50)
        self._called_off: dict[str, float] = {}
        self._smaller: dict[str, int] = {}
        """Orders that were edited, with the units they still want, until the back office's staff have heard of it."""
        self._floor = Floor()
        self._at_work = 0

    async def live(self, stop: asyncio.Event) -> None:
        """One act after the other at seeded moments, without waiting for slow ones; with rate 0 nobody acts."""
        if self._rate <= 0:
            await stop.wait()
            return
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as client:
            self._front, self._back = Hands(self._shop, client), Hands(self._erp, client)
            self._door = asyncio.Semaphore(AT_ONCE)
            self._shelves = asyncio.Lock()
            async with asyncio.TaskGroup() as acts:
                while not stop.is_set():
                    act = self._next()
                    await self._door.acquire()
                    acts.create_task(self._do(act))
                    await self._pause(stop)

    async def _do(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        finally:
            self._door.release()

    async def _pause(self, stop: asyncio.Event) -> None:
        per_second = self._rate / 60 * (1 + sum(self._beside.values()))
        try:
            await asyncio.wait_for(stop.wait(), self._chance.expovariate(per_second))
        except TimeoutError:
            return

    def _next(self) -> Callable[[], Awaitable[None]]:
        kinds = {"web": WEB, "till": TILL, **self._beside}
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        match kind:
            case "web":
                basket = self._basket()
                return lambda: self._buy(basket)
            case "till":
                lines, here = self._lines(1), self._chance.randrange(len(self._warehouses))
                return lambda: self._ring_up(lines, here)
            case "sale" | "receipt":
                units = self._chance.randint(1, 3) if kind == "sale" else self._chance.randint(2, 12)
                body = {
                    "sku": self._sku(),
                    "warehouse": self._chance.choice(self._warehouses),
                    "quantity": units,
                }
                return lambda: self._staffed(lambda: self._in_back_office(kind, body))
            case "transfer" if len(self._warehouses) > 1:
                origin, there = self._chance.sample(self._warehouses, 2)
                move = {
                    "sku": self._sku(),
                    "from": origin,
                    "to": there,
                    "quantity": self._chance.randint(1, 4),
                }
                return lambda: self._staffed(lambda: self._in_back_office("transfer", move))
            case "cancel":
                return self._cancel
            case "refund":
                return self._refund
            case "edit":
                return self._edit
            case _:
                return lambda: self._staffed(self._ship)

    def _sku(self) -> str:
        """Some articles are asked for far more often than others."""
        return self._skus[int(len(self._skus) * self._chance.random() ** 2)]

    def _lines(self, most: int) -> list[Json]:
        chosen = {self._sku() for _ in range(self._chance.randint(1, most))}
        return [
            {"sku": sku, "quantity": self._chance.choices((1, 2, 3), (7, 2, 1))[0]} for sku in sorted(chosen)
        ]

    def _basket(self) -> Json:
        chance = self._chance
        basket: Json = {"lines": self._lines(3), "taxes_included": chance.random() < 0.5}
        if chance.random() < 0.8:
            basket["tax_rate"] = chance.choice(("0.07", "0.19", "0.0825", "0.20"))
        if chance.random() < 0.3:
            basket["discount"] = {"kind": "order", "percent": chance.choice(("10", "15", "33"))}
        elif chance.random() < 0.2:
            basket["discount"] = {"kind": "line", "amount": chance.choice(("1.00", "2.50"))}
        if chance.random() < 0.6:
            basket["shipping"] = chance.choice(("4.90", "5.00", "12.95"))
        if chance.random() < 0.2:
            basket["currency"] = "EUR"
        if chance.random() < 0.1:
            basket["gift_card"] = "10.00"
        return basket

    async def _buy(self, basket: Json) -> None:
        placed = await self._front.ask("checkout", basket)
        if placed is not None:
            self._recent.append(str(placed["id"]))

    async def _ring_up(self, lines: list[Json], here: int) -> None:
        """Hand over what stands on the shelf."""
        shelf = lines[0]["sku"], self._warehouses[here]
        async with self._shelves:
            if self._floor.standing(await self._back.state())[shelf] < lines[0]["quantity"]:
                return
            sold = await self._front.ask("till", {"lines": lines, "location": here})
            if sold is not None:
                self._floor.hand_over(str(sold["id"]), shelf, lines[0]["quantity"])
                self._handed.append(str(sold["id"]))

    async def _staffed(self, act: Callable[[], Awaitable[None]]) -> None:
        if self._at_work < STAFF:
            self._at_work += 1
            try:
                await act()
            finally:
                self._at_work -= 1

    async def _in_back_office(self, verb: str, body: Json) -> None:
        if verb != "transfer":
            await self._back.ask(verb, body)
            return
        async with self._shelves:
            shelf = body["sku"], body["from"]
            if (
                not self._floor.ahead
                or self._floor.standing(await self._back.state())[shelf] >= body["quantity"]
            ):
                await self._back.ask(verb, body)

    async def _ship(self) -> None:
        """Staff ship the oldest documents whose goods stand there, but none whose cancellation or edit is on its way."""
        async with self._shelves:
            if not self._called_off and not self._smaller and not self._floor.ahead:
                await self._back.ask("ship_any", {"limit": 2})
                return
            erp = await self._back.state()
            status = {one["ref"]: one["status"] for one in erp.get("documents", ())}
            now = asyncio.get_running_loop().time()
            self._called_off = {
                ref: since
                for ref, since in self._called_off.items()
                if status.get(ref) == "open" or (ref not in status and now - since < UNSEEN_SECONDS)
            }
            heard = {
                one["ref"]
                for one in erp.get("documents", ())
                if one["status"] != "open" or promised(one) <= self._smaller.get(one["ref"], 0)
            }
            self._smaller = {ref: units for ref, units in self._smaller.items() if ref not in heard}
            for document in self._floor.ready(erp, self._called_off.keys() | self._smaller)[:2]:
                await self._back.ask("ship", {"document": document})

    async def _cancel(self) -> None:
        """A buyer changes their mind about a recent order that has not left the warehouse."""
        if not self._recent:
            return
        order = self._recent.pop()
        async with self._shelves:
            documents = (await self._back.state()).get("documents", ())
            gone = any(
                one["ref"] == order and any(line["shipped"] for line in one["lines"]) for one in documents
            )
            if not gone and await self._front.ask("cancel", {"order": order}) is not None:
                self._called_off[order] = asyncio.get_running_loop().time()

    async def _edit(self) -> None:
        """Staff of the shop take a unit out of a recent order of several that has not left the warehouse."""
        if not self._recent:
            return
        order = self._recent[0]
        async with self._shelves:
            known = (await self._front.state()).get("orders", ())
            lines: list[Json] = next((one["lines"] for one in known if one["id"] == order), [])
            if sum(line["current_quantity"] for line in lines) > 1:
                line = max(lines, key=lambda one: one["current_quantity"])
                fewer = {"line": line["id"], "quantity": line["current_quantity"] - 1}
                if await self._front.ask("edit", {"order": order, **fewer}) is not None:
                    self._smaller[order] = sum(one["current_quantity"] for one in lines) - 1

    async def _refund(self) -> None:
        """Goods handed over at a till come back, one unit, into stock where they were sold."""
        if self._handed:
            order = self._handed.popleft()
            known = (await self._front.state()).get("orders", ())
            lines = next((one["lines"] for one in known if one["id"] == order), None)
            if lines:
                await self._front.ask(
                    "refund", {"order": order, "line": lines[0]["id"], "quantity": 1, "restock": True}
                )
