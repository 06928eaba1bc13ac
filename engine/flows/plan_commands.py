"""Makes and runs plans for an operator, and says what came of it in a form that a face can read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine.flows.product_plan import ProductPlans, runnable
from engine.flows.site import Site
from engine.flows.stock_plan import StockPlans
from engine.model.failure import Failure
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.queries.plans import read_plan
from engine.store.verbs import command


@dataclass(frozen=True, slots=True)
class Done:
    """What came of asking for a plan or its run: its number, or why there is none."""

    plan: int | None
    cause: str = ""
    remedy: str = ""

    @property
    def text(self) -> str:
        """As it stands in the command row."""
        told: dict[str, object] = (
            {"plan": self.plan} if self.plan is not None else {"cause": self.cause, "remedy": self.remedy}
        )
        return orjson.dumps(told).decode()

    @classmethod
    def read(cls, text: str) -> "Done":
        """From a command row; ValueError when it is not one of ours."""
        told = orjson.loads(text)
        return cls(told.get("plan"), told.get("cause", ""), told.get("remedy", ""))


class PlanCommands:
    """Plans of one connection, as commands."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._plans = StockPlans(site)
        self._products = ProductPlans(site)

    async def round(self) -> int:
        """Do the oldest that was asked for; how many."""
        site = self._site
        asked = await site.store.read(command.take, site.name, 1, long=True)
        for one in asked:
            done = await self.do(one.verb, orjson.loads(one.args_json), one.operator)
            await site.store.write(command.finish, one.id, done.text, site.now())
        return len(asked)

    async def do(self, verb: str, args: dict[str, Any], operator: str) -> Done:
        """`plan` (of products with {"subject": "products"}, of few cells with {"cells": pairs}), or `apply` with {"plan": number,
        "cells": null for all}.

        `cells` are pairs: SKU and location of stock, SKU and field of products.
        """
        asked = None if args.get("cells") is None or verb != "plan" else cells_of(args["cells"])
        try:
            if verb == "plan" and args.get("subject") == "products":
                return Done(await self._products.make(operator))
            if verb == "plan":
                return Done(await self._plans.make(operator, asked))
            number, cells = int(args["plan"]), args.get("cells")
            plan = await self._site.store.read(read_plan, number)
            if plan is not None and plan.subject == "products":
                pairs = None if cells is None else {(sku, field) for sku, field in cells}
                await self._products.run(runnable(plan, self._site.name, number), operator, pairs)
                return Done(number)
            only = None if cells is None else set(cells_of(cells))
            await self._plans.run(number, operator, only)
            return Done(number)
        except Failure as failure:
            return Done(None, failure.cause, failure.remedy)


def cells_of(pairs: Sequence[Sequence[str]]) -> tuple[CellKey, ...]:
    """Cells as they stand in the arguments of a command: pairs of SKU and location."""
    return tuple(CellKey(Sku(sku), LocationId(at)) for sku, at in pairs)
