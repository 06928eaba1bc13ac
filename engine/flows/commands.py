"""Does what operators asked for from a face, and writes down what came of it."""

import orjson

from engine.flows.intake import LANE_ORDER, LANE_SWEEP, order_due
from engine.flows.inventory import Inventory
from engine.flows.site import Site
from engine.model.ids import OrderId
from engine.store.rows import Command
from engine.store.verbs import command
from engine.store.verbs.asked import DONE, VERBS, do, targets_of

FEW = 20
"""So many orders asked for by name go before the sweeps; more are a back-fill and go with them."""
AT_ONCE = 50
"""Records changed in one transaction."""


class Commands:
    """The command rows of one connection."""

    def __init__(self, site: Site, inventory: Inventory) -> None:
        self._site = site
        self._inventory = inventory

    async def round(self) -> int:
        """Do those that are open, oldest first; how many."""
        site = self._site
        asked = await site.store.read(command.take, site.name, 50)
        for one in asked:
            if one.verb == "pull":
                outcome = await self._pull(one)
            else:
                outcome = await self._do(one) if one.verb in VERBS else "unknown command"
            await site.store.write(command.finish, one.id, outcome, site.now())
        return len(asked)

    async def _do(self, one: Command) -> str:
        site = self._site
        if one.verb == "retry":
            self._inventory.doubted = True
        targets, value = targets_of(one)
        done = left = 0
        for start in range(0, len(targets), AT_ONCE):
            some = targets[start : start + AT_ONCE]
            did, alone = await site.store.write(do, one.verb, some, value, one.operator, site.now())
            done, left = done + did, left + alone
        said = f"{done} of {len(targets)} {DONE[one.verb]}"
        return f"{said}, {left} left alone: changed or cleared meanwhile" if left else said

    async def _pull(self, one: Command) -> str:
        """Orders asked for by name are read again."""
        site = self._site
        orders = [OrderId(order) for order in orjson.loads(one.args_json)]
        lane = LANE_ORDER if len(orders) <= FEW else LANE_SWEEP
        await site.store.write(order_due, site.name, orders, f"asked for by {one.operator}", lane, site.now())
        return f"{len(orders)} orders to be looked at"
