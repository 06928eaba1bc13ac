"""The rule with one part left out at a time, as patches of the engine's own functions or of how they are used."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from engine.model.sale import DocumentStatus
from engine.orders import shop_steps, steps
from engine.orders.step import Reroute, Ship, Step
from engine.stock import memory, open_write, order_at_cell, target
from engine.stock.memory import Memory
from engine.stock.open_write import Remedy
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Listing, Target, Terms
from tests.stock.world.history import Options

WHOLE = Options()
Patches = tuple[tuple[object, str, object], ...]


@dataclass(frozen=True)
class Ablation:
    """What is left out."""

    patches: Patches = ()
    options: Options = WHOLE

    @contextmanager
    def applied(self) -> Iterator[Options]:
        """The options to play with, while the patches are in force."""
        with pytest.MonkeyPatch.context() as patch:
            for owner, name, other in self.patches:
                patch.setattr(owner, name, other)
            yield self.options


def _term(name: str, of: Callable[[OrderAtCell], int]) -> Ablation:
    return Ablation(((OrderAtCell, name, property(of)),))


def _total(of: Callable[[Terms], int]) -> Patches:
    whole = Terms.total
    return ((Terms, "total", lambda terms: whole(terms) + of(terms)),)


def _agreed(of: Callable[[Target, Memory], Memory]) -> Ablation:
    whole = Target.agreed
    return Ablation(((Target, "agreed", lambda target: of(target, whole(target))),))


def _forgotten(found: Target, agreed: Memory) -> Memory:
    if agreed.base is None or found.waiting:
        return agreed
    return replace(agreed, base=agreed.base + min(found.terms.remainder, 0))


def _not_rerouted() -> Patches:
    whole = steps.next_step

    def ships_as_planned(order: Any, document: Any, *places: Any) -> Step | None:
        step = whole(order, document, *places)
        if not isinstance(step, Reroute):
            return step
        line = next(line for line in document.lines if line.quantity > line.shipped)
        return Ship({(line.sku, line.warehouse): line.shipped + 1})

    return ((steps, "next_step", ships_as_planned),)


def _reroutes_first() -> Patches:
    whole = steps._owed_to_back_office

    def all_at_once(document: Any, shelves: Any, home: Any) -> Step | None:
        step = whole(document, shelves, home)
        if isinstance(step, Ship) and document.status is DocumentStatus.OPEN:
            planned = {line.warehouse: line.quantity for line in document.lines}
            short = [w for (_, w), m in sorted(shelves.items()) if m.fulfilled > planned.get(w, 0)]
            if short:
                return Reroute({line.sku: short[-1] for line in document.lines})
        return step

    return ((steps, "_owed_to_back_office", all_at_once),)


def _unmatched_twice(here: Any, everywhere: Any, elsewhere: Any, _: Any) -> int:
    return sum(
        line.shipped
        for line in elsewhere
        if line.shipped_at and here.fulfilled_at and line.shipped_at <= here.fulfilled_at
    )


def _never_finished() -> Patches:
    return ((steps, "finished", lambda *_: False),)


def _always(remedy: Remedy) -> Patches:
    return ((open_write, "remedy", lambda *_, **__: remedy),)


def _options(**other: Any) -> Ablation:
    return Ablation(options=replace(WHOLE, **other))


ABLATIONS: Mapping[str, Ablation] = {
    "no ERP reservations": Ablation(
        (*_total(lambda t: t.erp_reserved), (OrderAtCell, "exempt", property(lambda _: 0)))
    ),
    "no exemption": _term("exempt", lambda _: 0),
    "no F": _term("shipped_here_only", lambda _: 0),
    "F gross of restock": _term("shipped_here_only", lambda order: order.left_here_only),
    "F only by shipment here": Ablation(((order_at_cell, "_unmatched", lambda *_: 0),)),
    "shipments elsewhere matched twice": Ablation(((order_at_cell, "_unmatched", _unmatched_twice),)),
    "ERP not re-routed before it ships": Ablation(_not_rerouted()),
    "re-routed before what is planned has shipped": Ablation(_reroutes_first()),
    "fulfilment orders stay when the ERP re-routes": Ablation(((shop_steps, "_reassign", lambda *_: None),)),
    "no order is ever done with": Ablation(_never_finished()),
    "G counts what is not committed, and no order is ever done with": Ablation(
        (
            *_never_finished(),
            (OrderAtCell, "held_up", property(lambda order: max(0, order.shipped - order.fulfilled))),
        )
    ),
    "G may raise": Ablation(((target, "_quantity", lambda terms, _: max(terms.total() + terms.held_up, 0)),)),
    "no remainder": Ablation(_total(lambda t: -min(t.remainder, 0))),
    "remainder forgotten after the write": _agreed(_forgotten),
    "positive remainder dropped": _agreed(lambda found, agreed: replace(agreed, pos=found.pos_left)),
    "a rise is not written away when the figures are equal": Ablation(
        ((Target, "equal", property(lambda found: found.quantity == found.on_hand)),)
    ),
    "a fall is set off without a complete listing": Ablation(
        ((Listing, "would_show", lambda _, since: since is not None),)
    ),
    "base moved on a plain read": _options(base_on_read=True),
    "memory read late": _options(late_memory=True),
    "no version bump by our own acts": _options(bump=False),
    "version not compared": _options(compare=False),
    "what moved meanwhile is overwritten": Ablation(
        ((memory, "written", lambda present, _, agreed: replace(agreed, ver=present.ver + 1)),)
    ),
    "blind set": _options(blind=True),
    "no freshness": _options(fresh=False),
    "stock read before documents": _options(order="LORSD"),
    "torn snapshot, stock before reservations": _options(order="LODSR"),
    "documents read once where only the rest is told": _options(available=True, order="LODRS"),
    "an open write is always repeated": Ablation(_always(Remedy.REPEAT)),
    "an open write is given up": Ablation(_always(Remedy.NEVER)),
    "a person always notes first": _options(first="note"),
}
LAG = timedelta(seconds=12)
