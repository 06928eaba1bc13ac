"""The control API: buyers, staff and trouble, on request. No vendor has it; tests, demo and drills do."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.shopify.sandbox import after_sale, catalogue, checkout, merchandise, paying, price_lists
from adapters.shopify.sandbox.bulk import BulkOperations, Trouble
from adapters.shopify.sandbox.executor import Executor
from adapters.shopify.sandbox.faults import Faults
from adapters.shopify.sandbox.shop import NotPossible, Shop, SoldOut
from adapters.shopify.sandbox.state import level_row, order_row, product_rows, whole
from adapters.shopify.sandbox.things import Order, gid
from adapters.shopify.sandbox.webhooks import Webhooks

Json = dict[str, Any]


def answer(body: Any, status: int = 200) -> Response:
    """JSON, fast."""
    return Response(orjson.dumps(body), status, media_type="application/json")


class Control:
    """The verbs of the control API over one world."""

    def __init__(
        self, shop: Shop, webhooks: Webhooks, faults: Faults, executor: Executor, bulk: BulkOperations
    ) -> None:
        """Everything that can be moved."""
        self._shop = shop
        self._webhooks = webhooks
        self._faults = faults
        self._executor = executor
        self._bulk = bulk

    def routes(self) -> list[Route]:
        """Where the verbs are."""
        verbs: dict[str, Callable[[Json], Any]] = {
            "checkout": lambda asked: _placed(checkout.check_out(self._shop, asked)),
            "till": lambda asked: _placed(checkout.ring_up(self._shop, asked)),
            "fulfil": lambda asked: {
                "fulfillments": [
                    gid("Fulfillment", done.number) for done in after_sale.fulfil_all(self._shop, asked)
                ]
            },
            "cancel": self._cancel,
            "refund": lambda asked: {"id": gid("Refund", after_sale.refund(self._shop, asked).number)},
            "capture": lambda asked: {
                "id": gid("OrderTransaction", paying.capture(self._shop, asked).number)
            },
            "pay": lambda asked: {"id": gid("OrderTransaction", paying.pay_later(self._shop, asked).number)},
            "edit": lambda asked: _placed(after_sale.edit(self._shop, asked)),
            "move": self._move,
            "adjust": self._adjust,
            "product": self._product,
            "location": self._place,
            "market": self._market,
            "webhooks": self._weather,
            "faults": self._trouble,
            "bulk": self._bulk_trouble,
            "rights": lambda asked: {"granted": sorted(self._executor.deny(asked["deny"]))},
        }
        return [
            Route("/_control/state", self._state),
            Route("/_control/order", self._order),
            Route("/_control/products", self._products),
            *(Route(f"/_control/{name}", _endpoint(verb), methods=["POST"]) for name, verb in verbs.items()),
        ]

    async def _state(self, request: Request) -> Response:
        return answer(whole(self._shop, self._webhooks, self._executor))

    async def _products(self, request: Request) -> Response:
        return answer(product_rows(self._shop))

    async def _order(self, request: Request) -> Response:
        try:
            return answer(order_row(self._shop.order(request.query_params.get("id"))))
        except NotPossible as no:
            return answer({"error": str(no)}, 404)

    def _cancel(self, asked: Json) -> Json:
        order = self._shop.order(asked["order"])
        restock = bool(asked.get("restock", True))
        after_sale.cancel(
            self._shop, order, restock=restock, pay_back=True, reason=asked.get("reason", "CUSTOMER")
        )
        return _placed(order)

    def _move(self, asked: Json) -> Json:
        order, place = self._shop.order(asked["order"]), self._shop.place(asked["location"])
        ships = [ship for ship in order.fulfilment_orders if ship.open and ship.location is not place]
        if not ships:
            raise NotPossible("nothing to move")
        return {
            "fulfilment_orders": [after_sale.move(self._shop, ship, place).gid for ship in ships if ship.open]
        }

    def _adjust(self, asked: Json) -> Json:
        item, place = self._shop.article(asked["sku"]), self._shop.place(asked["location"])
        return level_row(self._shop.shift(item, place, available=int(asked["delta"])))

    def _product(self, asked: Json) -> Json:
        item = self._shop.article(asked["sku"])
        if "content" in asked or "facts" in asked:
            if asked.get("content"):
                merchandise.rewrite(self._shop, item, asked["content"])
            if asked.get("facts"):
                merchandise.edit(self._shop, item, asked["facts"])
        elif "ships" in asked:
            item.ships = bool(asked["ships"])
            self._shop.emit("products/update", item)
        elif "rename" in asked:
            catalogue.rename(self._shop, item, str(asked["rename"]))
        elif asked.get("moved"):
            item = catalogue.move_to_another_product(self._shop, item)
        else:
            item.title = item.shown.title = str(asked.get("title", item.title))
            self._shop.emit("products/update", item)
        return {"sku": item.sku, "title": item.title, "item": item.gid}

    def _market(self, asked: Json) -> Json:
        if "sku" in asked:
            item = self._shop.article(asked["sku"])
            price_lists.edit_price(self._shop, item, asked)
            return {"sku": item.sku, "fixed": price_lists.fixed_of(self._shop, item)}
        catalogue = price_lists.open_market(self._shop, asked)
        return {"catalogue": catalogue.gid, "price_list": catalogue.prices.gid if catalogue.prices else None}

    def _place(self, asked: Json) -> Json:
        place = self._shop.place(asked["location"])
        if asked["active"]:
            catalogue.open_location(place)
        else:
            catalogue.close_location(self._shop, place, self._shop.place(asked["to"]))
        return {"location": place.gid, "active": place.active}

    def _weather(self, asked: Json) -> Json:
        weather = self._webhooks.weather
        weather.drop = float(asked.get("drop", weather.drop))
        weather.duplicate = float(asked.get("duplicate", weather.duplicate))
        weather.reorder = bool(asked.get("reorder", weather.reorder))
        weather.delay_max = float(asked.get("delay_max", weather.delay_max))
        weather.silent = frozenset(asked.get("silent", weather.silent))
        self._webhooks.url = asked.get("url", self._webhooks.url)
        return {
            "drop": weather.drop,
            "duplicate": weather.duplicate,
            "reorder": weather.reorder,
            "delay_max": weather.delay_max,
            "url": self._webhooks.url,
        }

    def _bulk_trouble(self, asked: Json) -> Json:
        self._bulk.trouble = Trouble(**asked)
        return asked

    def _trouble(self, asked: Json) -> Json:
        try:
            self._faults.switch(asked)
        except ValueError as odd:
            raise NotPossible(str(odd)) from odd
        return {"mode": self._faults.now.mode}


def _placed(order: Order) -> Json:
    return {"id": order.gid, "name": order.name}


def _endpoint(verb: Callable[[Json], Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = orjson.loads(await request.body() or b"{}")
            return answer(verb(asked))
        except SoldOut as no:
            return answer({"error": "sold out", "sku": str(no)}, 409)
        except NotPossible as no:
            return answer({"error": str(no)}, 409)
        except (KeyError, ValueError, TypeError) as odd:
            return answer({"error": f"not understood: {odd!r}"}, 422)

    return endpoint
