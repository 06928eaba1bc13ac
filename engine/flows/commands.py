"""Does what operators asked for from a face, and writes down what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

import orjson

from engine.flows import product_commands, subscribing, takeover
from engine.flows.buffers import take_up_holds
from engine.flows.intake import LANE_ORDER, LANE_SWEEP, order_due
from engine.flows.inventory import Inventory
from engine.flows.plan_commands import cells_of
from engine.flows.rewording import EDIT, edit
from engine.flows.site import Site
from engine.model.hold import Hold
from engine.model.ids import LocationId, OrderId, Sku
from engine.model.stock import CellKey
from engine.stock.target import Listing
from engine.store.rows import Command
from engine.store.verbs import command
from engine.store.verbs.asked import DONE, VERBS, do, targets_of
from engine.store.verbs.hold import hold_back, let_go
from engine.store.verbs.publish import decide_fall, decide_rise
from engine.store.verbs.stock import cell_states, mark_dirty

Act = Callable[[Command], Awaitable[str]]
"""Does what was asked; what came of it, in a few words."""
FEW = 20
"""So many orders asked for by name go before the sweeps; more are a back-fill and go with them."""
AT_ONCE = 50
"""Records changed in one transaction."""


class Commands:
    """The command rows of one connection."""

    def __init__(self, site: Site, inventory: Inventory) -> None:
        self._site = site
        self._inventory = inventory
        act: Act = self._do
        products: Act = partial(product_commands.do, site)
        remit: Act = partial(takeover.do, site, inventory)
        self._acts: Mapping[str, Act] = {
            **dict.fromkeys(VERBS, act),
            **dict.fromkeys(product_commands.VERBS, products),
            **dict.fromkeys(takeover.VERBS, remit),
            subscribing.VERB: partial(subscribing.do, site),
            EDIT: partial(edit, site),
            "pull": self._pull,
            "look": self._look,
            "decide": self._decide,
            "hold": self._hold,
            "let go": self._let_go,
        }

    async def round(self) -> int:
        """Do those that are open, oldest first; how many."""
        site = self._site
        asked = await site.store.read(command.take, site.name, 50)
        for one in asked:
            act = self._acts.get(one.verb)
            outcome = "unknown command" if act is None else await act(one)
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

    async def _hold(self, one: Command) -> str:
        """Units are held back in a cell; from here on every look goes by it."""
        site, args, key, now = self._site, orjson.loads(one.args_json), _cell_of(one), self._site.now()
        minutes = args["minutes"]
        wanted = Hold(
            site.name, key.sku, key.location, int(args["units"] or 0), args["units"] is None, one.operator, now,
            None if minutes is None else now + timedelta(minutes=minutes),
        )  # fmt: skip
        done = await site.store.write(hold_back, wanted, now)
        await take_up_holds(site)
        return wanted.text if done else f"{key.sku} is not known at {key.location}"

    async def _let_go(self, one: Command) -> str:
        """What was held back in a cell is sold again."""
        site = self._site
        done = await site.store.write(let_go, site.name, _cell_of(one), one.operator, site.now())
        await take_up_holds(site)
        return "let go" if done else "nothing was held back there"

    async def _decide(self, one: Command) -> str:
        """What a person says of units that came or went without a known cause."""
        site, args, key = self._site, orjson.loads(one.args_json), _cell_of(one)
        if not args["rise"] and not await self._proven(key):
            return "the next listing of orders may still explain it: decide again in a minute"
        verb, real = decide_rise if args["rise"] else decide_fall, bool(args["real"])
        done = await site.store.write(
            verb, site.name, key, int(args["units"]), real=real, operator=one.operator, now=site.now()
        )
        return f"{args['units']} {'real' if real else 'not real'}" if done else "it has changed meanwhile"

    async def _proven(self, key: CellKey) -> bool:
        """A listing that must show any sale behind a fall has been read: before that no person can know."""
        site = self._site
        found = await site.store.read(cell_states, site.name, [key])
        listing = Listing(site.rhythm.listing_lag, site.listed_at)
        return any(listing.would_show(cell.seen_at) for cell in found)

    async def _pull(self, one: Command) -> str:
        """Orders asked for by name are read again."""
        site = self._site
        orders = [OrderId(order) for order in orjson.loads(one.args_json)]
        lane = LANE_ORDER if len(orders) <= FEW else LANE_SWEEP
        await site.store.write(order_due, site.name, orders, f"asked for by {one.operator}", lane, site.now())
        return f"{len(orders)} orders to be looked at"

    async def _look(self, one: Command) -> str:
        """Cells asked for by name are compared again, and what the rules want is written."""
        site = self._site
        cells = cells_of(orjson.loads(one.args_json)["cells"])
        lane = LANE_ORDER if len(cells) <= FEW else LANE_SWEEP
        mark = partial(mark_dirty, reason=f"asked for by {one.operator}", lane=lane, now=site.now())
        marked = await site.store.write(mark, site.name, cells)
        return f"{marked} of {len(cells)} cells to be looked at"


def _cell_of(one: Command) -> CellKey:
    args = orjson.loads(one.args_json)
    return CellKey(Sku(args["sku"]), LocationId(args["location"]))
