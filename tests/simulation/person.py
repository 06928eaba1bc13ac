"""The operator: decides what was corrected by hand, and does what the remedy of a held record says."""

import re
from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy.exc import IntegrityError

from adapters.shopify.sandbox import after_sale
from engine.model.ids import LocationId, Sku, WorkId
from engine.model.stock import CellKey
from engine.store.verbs import command
from engine.store.verbs.asked import args_of
from engine.store.verbs.publish import decide_fall, decide_rise
from tests.simulation.erp import WAREHOUSES, Erp
from tests.simulation.process import BEGINNING
from tests.simulation.shop import LaggingShop
from tests.simulation.stage import Stage
from tests.simulation.store import SimulatedStore
from tests.simulation.truth import HandEdit, Truth
from tests.simulation.watcher import Watcher

EXPECTED = frozenset({"cancelled_in_back_office", "order_gone"})
"""Codes of records that may be held in a world of this kind; any other is a finding once the faults have stopped."""
BY_HAND = "came_back_unbooked"
"""Code of an order whose shipment and return a person has to enter in the back office; the simulated one does not."""


class Person:
    """Acts through the store like a face: engine commands and decisions."""

    def __init__(
        self, stage: Stage, store: SimulatedStore, shop: LaggingShop, erp: Erp, truth: Truth, watcher: Watcher
    ) -> None:
        self._stage, self._store, self._shop, self._erp = stage, store, shop, erp
        self._truth, self._watcher = truth, watcher
        self._chance = Random(f"person {stage.seed}")
        self._half: list[HandEdit] = []
        self._in_earnest = False

    def decide_one(self) -> None:
        """Go one step further with one of the hand edits: two steps each, in the order that errs low."""
        if self._half:
            self._second(self._half.pop(0))
            return
        open_ = [edit for edit in self._truth.edits if not edit.decided]
        if open_:
            self._first(self._chance.choice(open_))

    def pending(self) -> bool:
        """Something is not decided yet."""
        return bool(self._half) or any(not edit.decided for edit in self._truth.edits)

    def decide_one_of_all(self) -> bool:
        """Go on with whatever can be gone on with now; True when there was such a thing."""
        before = self._progress()
        self._cancel_out()
        for edit in tuple(self._half):
            self._half.remove(edit)
            self._second(edit)
        for edit in [edit for edit in self._truth.edits if not edit.decided]:
            self._first(edit)
        return before != self._progress()

    def _progress(self) -> list[tuple[bool, bool, bool]]:
        return [(edit.decided, edit.noted, edit in self._half) for edit in self._truth.edits]

    def _cancel_out(self) -> None:
        """Corrections that undo each other: nobody is asked about them; what one of them says of the goods is booked.

        Of two that differ in size the smaller one and as much of the other: a person is asked about the rest only.
        A fall of which the first half is done has been booked, if it was true.
        """
        falls = [edit for edit in self._half if edit.units < 0]
        open_ = [*falls, *(edit for edit in self._truth.edits if not edit.decided)]
        for edit in open_:
            opposite = [
                other
                for other in open_
                if other.cell == edit.cell and other.units * edit.units < 0 and not other.noted
            ]
            if edit.noted or not opposite:
                continue
            other = min(opposite, key=lambda other: abs(other.units + edit.units))
            undone = min(abs(edit.units), abs(other.units))
            for one in (edit, other):
                self._part(one, undone)
            true = [one for one in (edit, other) if one.real and one not in falls]
            booked = sum(one.units for one in true)
            if booked and not self._book(true[0]):
                continue
            self._half = [one for one in self._half if one not in (edit, other)]
            edit.decided = edit.noted = other.decided = other.noted = True

    def _part(self, edit: HandEdit, units: int) -> None:
        """Settle so many of its units apart from the rest."""
        sign = 1 if edit.units > 0 else -1
        rest = edit.units - sign * units
        if not rest:
            return
        edit.units = sign * units
        apart = replace(edit, units=rest)
        self._truth.edits.append(apart)
        if edit in self._half:
            self._half.append(apart)

    def _first(self, edit: HandEdit) -> None:
        if edit.units < 0:
            if not edit.real or self._book(edit):
                edit.decided = True
                self._half.append(edit)
        elif self._note(edit):
            edit.decided = True
            self._half.append(edit)

    def _second(self, edit: HandEdit) -> None:
        if not (self._book(edit) if edit.units > 0 else self._note(edit)):
            self._half.append(edit)

    def _book(self, edit: HandEdit) -> bool:
        """False while the ERP still counts on goods that have left, and refuses to take more off the shelf."""
        sku, place = edit.cell
        try:
            self._erp.staff.enter(sku, WAREHOUSES[place], "adjust", edit.units)
        except IntegrityError:
            return False
        self._stage.say(f"person books {edit.units:+d} {sku} at {place} in the erp")
        return True

    def _note(self, edit: HandEdit) -> bool:
        sku, place = edit.cell
        key = CellKey(Sku(sku), LocationId(self._shop.locations[place + 1].gid))
        now = BEGINNING + timedelta(seconds=self._stage.loop.now)
        if edit.units > 0:
            done = self._store.write_sync(
                decide_rise, "main", key, edit.units, real=edit.real, operator="person", now=now
            )
        else:
            done = self._store.write_sync(
                decide_fall, "main", key, -edit.units, real=edit.real, operator="person", now=now
            )
        self._stage.say(
            f"person notes {edit.units:+d} {sku} at {place}: {'done' if done else 'not possible yet'}"
        )
        edit.noted = done
        return done

    def clear_failures(self) -> int:
        """Do what the remedies of waiting records say, then retry them; how many waited.

        What was held while faults went on is retried once without a word; what is held after that is a finding.
        """
        waiting = [one for one in self._watcher.waiting() if one[3] != BY_HAND]
        doubles = self._watcher.doubles()
        for remedy in doubles:
            self._cancel_double(remedy)
        for number, key, state, code, cause in waiting:
            if code == "cancelled_in_back_office":
                order = self._shop.orders[int(key.rsplit("/", 1)[-1])]
                if order.cancelled_at is None and not order.fulfilments:
                    after_sale.cancel(self._shop, order, restock=True, pay_back=True, reason="OTHER")
                else:
                    self._refund_rest(key)
            elif code == "sql.refused" and self._found_goods():
                while self.decide_one_of_all():
                    pass
            elif self._in_earnest and state == "held" and code not in EXPECTED:
                kind = "CELL HELD" if "|" in key else "HELD"
                self._stage.violate(kind, f"{key} {code}: {cause}")
            self._stage.say(f"person retries {key} {state} {code}")
            self._store.write_sync(
                command.ask, "main", "retry", args_of([(WorkId(number), None)], ""), "person",
                BEGINNING + timedelta(seconds=self._stage.loop.now),
            )  # fmt: skip
        self._in_earnest = not self._stage.stormy
        return len(waiting) + len(doubles)

    def _cancel_double(self, remedy: str) -> None:
        for number in re.findall(r"[0-9]+", remedy.partition(": cancel ")[2]):
            if self._erp.rows("SELECT id FROM sales_order WHERE id = ? AND status = 'open'", number):
                self._erp.staff.cancel(number)
                self._stage.say(f"person cancels document {number}, of which there are two")

    def _found_goods(self) -> bool:
        """Goods were found that the ERP does not know of yet: it may refuse to ship what it has not on its shelf."""
        return any(
            edit.real and edit.units > 0 and (not edit.decided or edit in self._half)
            for edit in self._truth.edits
        )

    def _refund_rest(self, key: str) -> None:
        """Partly fulfilled: the units that will not come are refunded."""
        order = self._shop.orders[int(key.rsplit("/", 1)[-1])]
        for line in order.lines:
            if line.waiting > 0:
                done = after_sale.give_back(
                    self._shop, order, [(line, line.waiting)], restock=True, place=None
                )
                self._shop.emit("refunds/create", done)
        self._shop.touch_order(order)
