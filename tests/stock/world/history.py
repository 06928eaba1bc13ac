"""One random history, and what must never happen in it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from engine.model.ids import LocationId, OrderId, WarehouseId
from engine.orders.step import Amend, Book, Cancel, Fulfil, Move, Reroute, Ship, Step, TakeBack
from engine.stock.memory import Memory, fall_decided, rise_decided
from tests.stock.world.back_office import BackOffice, Line, Paper
from tests.stock.world.engine import SHOP_STEPS, Effect, Engine, Row, members
from tests.stock.world.people import EVENTS, People
from tests.stock.world.places import (
    BEHIND,
    FRESH,
    LAG_STEPS,
    LATE_STEPS,
    LOCATION_OF,
    LOCATIONS,
    W1,
    W2,
    W3,
    A,
    B,
    at,
)
from tests.stock.world.shop import Sale, Shop
from tests.stock.world.truth import Truth

STEPS = 70
CANNOT_BE_TOLD = ("given up at an empty cell", "acted at a figure that came back")
"""What docs/architecture.md states under "What cannot be closed", about writes whose answer was lost."""
NAMES = list(EVENTS)


@dataclass(frozen=True)
class Options:
    """The parts of the rule that are not functions; each can be left out to show that it is needed."""

    order: str = "LODRS"
    """Levels, orders, documents, reservations, stock."""
    bump: bool = True
    compare: bool = True
    late_memory: bool = False
    fresh: bool = True
    blind: bool = False
    base_on_read: bool = False
    first: str = "safe"
    """What a person does first about an edit: `safe`, or always the `note`."""
    without: frozenset[str] = frozenset()
    """Events that do not happen."""
    available: bool = False
    """The back office says only what it may still promise; documents are read again after it (`A` in `order`)."""
    buffer: int = 0
    """Units held back in each cell."""
    trace: bool = False


class History:
    """The world and its clock."""

    def __init__(self, seed: int, options: Options) -> None:
        self.options, self.random, self.t = options, Random(seed), 0
        r = self.random
        shelves = {w: r.randint(1, 4) for w in (W1, W2, W3)}
        goods = {where: sum(shelves[w] for w in BEHIND[where]) for where in LOCATIONS}
        self.erp = BackOffice(shelves)
        self.shop = Shop(goods)
        self.truth = Truth(self.shop, self.erp, goods)
        self.lagging = r.random() < 0.6
        self._weights = [
            0 if name in options.without else weight * r.choice((0, 1, 1, 4))
            for name, weight in EVENTS.items()
        ]
        """Each history has a few kinds of event that it is full of, and others that do not happen in it."""
        self._events = r.choice((0.25, 0.35, 0.45))
        self._rounds = r.choice((0.3, 0.45))
        fresh_start = r.random() < 0.15
        memories = {where: Memory(0, None if fresh_start else goods[where]) for where in LOCATIONS}
        if fresh_start:
            for where in LOCATIONS:
                self.shop.on_hand[where] = max(0, goods[where] + r.randint(-2, 2))
        self.engine = Engine(self, memories)
        self.people = People(self)
        self.falls: list[tuple[int, LocationId, int]] = []
        """What the back office took off by itself: (when, where, units)."""
        self.late: list[tuple[int, Effect]] = []
        self.refused: set[str] = set()
        """Keys of writes that were answered as stale."""
        self.found: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.log: list[str] = []

    def say(self, text: str) -> None:
        """Note what happened, when somebody wants to read it."""
        if self.options.trace:
            state = (
                f"{[self.shop.on_hand[w] for w in LOCATIONS]} c{[self.shop.committed(w) for w in LOCATIONS]}"
            )
            floor = f"goods{[self.truth.goods[w] for w in LOCATIONS]} free{[self.truth.sellable(w) for w in LOCATIONS]}"
            self.log.append(f"t{self.t:<3} {text:<46} H{state} E{list(self.erp.on_hand.values())} {floor}")

    def sale(self, order: OrderId) -> Sale:
        """An order by id."""
        return self.shop.sales[int(order[1:])]

    def wrong(self, what: str, where: LocationId, units: int) -> None:
        """Something that must never be."""
        self.found[what] += 1
        self.say(f"!!!! {what} at {where}: {units}")

    # ---- what the engine asks of the remotes

    def reading(self) -> dict[str, Callable[[dict[str, Any]], Iterator[None]]]:
        """One function per thing that is read; what was found goes into the dictionary."""
        return {
            "L": self._levels,
            "O": self._orders,
            "D": self._documents,
            "R": self._reserved,
            "S": self._stock,
            "A": self._documents_after,
        }

    def _levels(self, found: dict[str, Any]) -> Iterator[None]:
        found["levels"] = dict(self.shop.on_hand)
        yield from ()

    def _orders(self, found: dict[str, Any]) -> Iterator[None]:
        known = self.engine.known
        found["listed_at"] = self.engine.listings.read_until
        found["orders"] = [cell for one in known.values() if not one.settled for cell in one.cells]
        settled: Counter[LocationId] = Counter()
        for one in known.values():
            for cell in one.cells if one.settled else ():
                settled[cell.location] += cell.restocked - cell.fulfilled
        found["settled"] = settled
        yield from ()

    def _documents(self, found: dict[str, Any]) -> Iterator[None]:
        found["documents"] = {ref: paper.view() for ref, paper in self.erp.ours.items()}
        yield from ()

    def _documents_after(self, found: dict[str, Any]) -> Iterator[None]:
        found["after"] = {ref: paper.view() for ref, paper in self.erp.ours.items()}
        yield from ()

    def _reserved(self, found: dict[str, Any]) -> Iterator[None]:
        found["taken"] = min(self.t, found.get("taken", self.t))
        found["promised"] = {w: (self.erp.reserved(w), self.erp.reserved_for(w)) for w in self.erp.on_hand}
        self._snapshot(found)
        if self.random.random() < 0.2:
            yield  # a torn snapshot: the back office moves between the two questions

    def _stock(self, found: dict[str, Any]) -> Iterator[None]:
        found["taken"] = min(self.t, found.get("taken", self.t))
        found["on_hand"] = dict(self.erp.on_hand)
        self._snapshot(found)
        if self.random.random() < 0.2:
            yield

    def _snapshot(self, found: dict[str, Any]) -> None:
        if "promised" in found and "on_hand" in found:
            found["stock"] = {w: (found["on_hand"][w], *found["promised"][w]) for w in found["on_hand"]}

    def send(self, effect: Effect) -> list[LocationId] | None:
        """One write on its way: the stale locations, or None when no answer comes back."""
        chance = self.random.random()
        if chance < 0.06:
            if chance < 0.02:
                self.late.append((self.t + self.random.randint(1, LATE_STEPS), effect))
            elif chance < 0.04:
                self._apply(effect)
            return None
        return self._apply(effect)

    def _apply(self, effect: Effect) -> list[LocationId]:
        before = dict(self.shop.on_hand)
        stale = self.shop.swap(list(members(effect)), effect.key, blind=self.options.blind)
        if stale:
            self.refused.add(effect.key)
        elif effect.key in self.refused:
            self.counts["acted at a figure that came back"] += 1
        for row in effect.rows if self.shop.on_hand != before else ():
            self._judge(row, before[row.location])
        return stale

    def _judge(self, row: Row, before: int) -> None:
        """A raise may not make sellable what somebody has a right to; the unavoidable lag is credited."""
        where = row.location
        self.say(f"WRITE {where} {before}->{self.shop.on_hand[where]} {row.target and row.target.terms}")
        self.counts["writes"] += 1
        if self.shop.on_hand[where] <= before:
            return
        self.counts["raises"] += 1
        bound = FRESH.total_seconds() + LATE_STEPS
        credit = sum(
            units
            for t, at_, units in self.falls
            if at_ == where and t >= row.snapshot_at and self.t - t <= bound
        )
        over = self.shop.available(where) - self.truth.sellable(where) - credit
        if over > 0 and self.shop.available(where) > 0:  # a level lifted to zero sells nothing
            self.wrong("relisted", where, over)

    def carry_out(self, sale: Sale, step: Step, wanted: Mapping[WarehouseId, int]) -> None:
        """One call of an order worker, who read that the order wants this."""
        paper, now = self.erp.ours.get(sale.id), at(self.t)
        with self.people.watched(sale):
            match step:
                case Book():
                    self.people.book(sale, wanted)
                case Cancel() if paper:
                    paper.cancelled = not paper.shipped()
                case Amend() if paper:
                    self.erp.amend(paper, wanted)
                case Reroute(moves=moves) if paper:
                    for warehouse in moves.values():
                        self.erp.reroute(paper, warehouse)
                case Ship(units=units) if paper:
                    for (_, warehouse), total in units.items():
                        self.erp.ship(paper, warehouse, total, now)
                case TakeBack(units=units) if paper:
                    for (_, warehouse), total in units.items():
                        self.erp.take_back(paper, warehouse, total)
                case Move(fulfilment_order=group, location=location, lines=lines):
                    self.shop.move(sale, LocationId(group.rpartition("@")[2]), location, lines["l"], now)
                case Fulfil(fulfilment_order=group, lines=lines):
                    where = LocationId(group.rpartition("@")[2])
                    if lines["l"] <= min(sale.open[where], self.truth.untold_shop(sale)):
                        self.shop.fulfil(sale, where, lines["l"], now)
        self.say(f"we: {step} {sale.id}")
        if isinstance(step, SHOP_STEPS):
            self.people.heard(sale)
        self.engine.due.add(sale.id)

    # ---- the run

    def run(self) -> "History":
        """Everybody acts in random order, then all falls quiet."""
        r, engine = self.random, self.engine
        for self.t in range(1, STEPS):
            self._arrive()
            x = r.random()
            if x < self._events and any(self._weights):
                getattr(self.people, r.choices(NAMES, self._weights)[0])()
            elif x < self._events + self._rounds:
                self._stock_round()
            elif x < 0.83:
                self._work() if x < 0.80 else self.people.decide()
            elif x < 0.84 and "crash" not in self.options.without:
                engine.due |= set(engine.attempts)
                engine.restart()
                self.say("crash")
            elif x < 0.90:
                engine.listing()
            else:
                self._work()
        for self.t in range(STEPS, STEPS + LATE_STEPS + 1):
            self._arrive()
        self.settle()
        if any(self.counts[what] for what in CANNOT_BE_TOLD):
            self.found.clear()
        return self

    def _arrive(self) -> None:
        for due, effect in list(self.late):
            if due <= self.t:
                self.late.remove((due, effect))
                self._apply(effect)

    def _work(self) -> None:
        engine = self.engine
        for order in sorted(engine.due):
            if order not in engine.attempts and order not in engine.held:
                engine.attempts[order] = engine.attempt(order)
        if engine.attempts:
            order = self.random.choice(list(engine.attempts))
            if next(engine.attempts[order], True):
                engine.attempts.pop(order, None)

    def _stock_round(self) -> None:
        r, engine = self.random, self.engine
        if not engine.rounds:
            engine.rounds.append(engine.round(r.choice(((A,), (B,), (A, B)))))
        if next(engine.rounds[0], True):
            engine.rounds.clear()

    def _quiet(self) -> None:
        """Everything that waits is done, in order."""
        engine = self.engine
        for _ in range(10):
            self.t += 1
            self._arrive()
            engine.listing()
            self.people.clear_up()
            if not (engine.due - engine.held or engine.attempts):
                return
            for _ in range(400):
                if not (engine.due - engine.held or engine.attempts):
                    break
                self.t += 1
                self._work()
            else:
                self.wrong("workers that never finish", A, 0)
                return

    def _flush(self) -> None:
        for _ in range(4):
            self.t += LAG_STEPS + LATE_STEPS + 30
            self._arrive()
            self._quiet()
            for _ in self.engine.round(LOCATIONS):
                pass

    def settle(self) -> None:
        """Events stop: every cell must come right, and people be asked about their own edits only."""
        self.say("---- events stop")
        self.engine.rounds.clear()
        self.random = Random(0)
        self.random.random = lambda: 1.0  # type: ignore[method-assign]
        self.people.land()
        self._quiet()
        self._flush()
        for where in LOCATIONS:
            memory = self.engine.memory[where]
            asked = memory.pos + (memory.seen_low or 0 if memory.base is not None else 0)
            edits = sum(edit.asked for edit in self.people.edits if edit.where == where)
            if asked != edits:
                self.wrong("phantom", where, asked - edits)
            if where not in self.people.edited:
                self._compare("differs without an edit", where)
        self.people.count_the_shelves()
        self._flush()
        for where in LOCATIONS:
            self._compare("differs at the end", where)

    def _compare(self, what: str, where: LocationId) -> None:
        sells, free = self.shop.available(where), self.truth.sellable(where)
        over = sells - (free - min(self.options.buffer, max(free, 0)))
        # the shop takes no level below zero: it cannot sell fewer than none
        nothing_left = self.shop.on_hand[where] == 0 and over > 0 >= sells
        if over and not nothing_left:
            self.wrong(f"{what}, too {'high' if over > 0 else 'low'}", where, over)


__all__ = ["LOCATION_OF", "History", "Line", "Options", "Paper", "fall_decided", "replace", "rise_decided"]
