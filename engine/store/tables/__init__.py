"""Every table of the store, by subject; importing this package makes the metadata complete."""

from engine.store.tables.delivery import (
    CLAIMABLE,
    OPEN_EFFECT,
    SUSPECT,
    UNCLOSED,
    WAITS_FOR_PERSON,
    command,
    effect,
    inbox,
    lease,
    work,
    xref,
)
from engine.store.tables.hearing import webhook_hour
from engine.store.tables.history import LOOKS, cell_event
from engine.store.tables.hold import IN_FORCE, hold
from engine.store.tables.ledger import BY_PEOPLE, ledger, ledger_head
from engine.store.tables.marks import work_mark
from engine.store.tables.notice import MUTED, STANDS, UNTOLD, mute, notice, telling
from engine.store.tables.orders import order_cell, shop_order
from engine.store.tables.parts import metadata
from engine.store.tables.plan import plan, plan_row
from engine.store.tables.products import DUE, TOLD, product_field, product_link, product_plan_row
from engine.store.tables.shadow import STILL, difference, takeover
from engine.store.tables.stock import DIRTY, FALL, KEPT, OVER, SELLING, place, stock
from engine.store.tables.watch import alert, breaker, cursor, mapping_gap, pace, schedule_run, tally
from engine.store.tables.wording import wording

__all__ = [
    "BY_PEOPLE",
    "CLAIMABLE",
    "DIRTY",
    "DUE",
    "FALL",
    "IN_FORCE",
    "KEPT",
    "LOOKS",
    "MUTED",
    "OPEN_EFFECT",
    "OVER",
    "SELLING",
    "STANDS",
    "STILL",
    "SUSPECT",
    "TOLD",
    "UNCLOSED",
    "UNTOLD",
    "WAITS_FOR_PERSON",
    "alert",
    "breaker",
    "cell_event",
    "command",
    "cursor",
    "difference",
    "effect",
    "hold",
    "inbox",
    "lease",
    "ledger",
    "ledger_head",
    "mapping_gap",
    "metadata",
    "mute",
    "notice",
    "order_cell",
    "pace",
    "place",
    "plan",
    "plan_row",
    "product_field",
    "product_link",
    "product_plan_row",
    "schedule_run",
    "shop_order",
    "stock",
    "takeover",
    "tally",
    "telling",
    "webhook_hour",
    "wording",
    "work",
    "work_mark",
    "xref",
]
