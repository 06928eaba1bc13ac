"""Those who keep articles and products: the ERP's price desk, somebody in the shop's admin, and its content team."""

from datetime import timedelta
from random import Random

import orjson

from adapters.shopify.sandbox import merchandise
from adapters.shopify.sandbox.things import Item, gid
from engine.flows.product_commands import ADOPT, FIELD
from engine.products.fields import canonical, shown
from engine.store.verbs import command
from tests.products.owned import MOST, written
from tests.simulation.erp import Erp
from tests.simulation.process import BEGINNING
from tests.simulation.shop import LaggingShop
from tests.simulation.stage import Stage
from tests.simulation.store import SimulatedStore
from tests.simulation.watcher import Watcher

FIELDS = ("price", "compare_at_price", "barcode", "cost")
WAITING = "SELECT sku, field FROM product_field WHERE state IN ('conflict', 'fight')"


class Merchants:
    """Everybody who edits articles or products, and what must be true of both in the end."""

    def __init__(
        self,
        stage: Stage,
        store: SimulatedStore,
        shop: LaggingShop,
        erp: Erp,
        watcher: Watcher,
        skus: list[str],
    ) -> None:
        self._stage, self._store, self._shop, self._erp = stage, store, shop, erp
        self._watcher, self._skus = watcher, skus
        self._chance = Random(f"merchants {stage.seed}")
        self._count = 0
        self._content = {item.sku: dict[str, object]() for item in shop.items.values()}
        self._office = {(sku, name): "" for sku in skus for name in FIELDS}
        if stage.weather.products:
            for sku in skus:
                self._enter(sku, "price", "12.50")

    def adopt(self) -> None:
        """A person confirms that equal SKUs are the same."""
        links = [
            {
                "sku": item.sku, "variant": gid("ProductVariant", item.variant), "product": gid("Product", item.product),
                "item": item.gid, "office_id": item.sku, "title": item.sku,
            }
            for item in self._items()
        ]  # fmt: skip
        self._ask(ADOPT, links=links)

    def act(self) -> None:
        """One of them does something."""
        self._chance.choice((self._price_desk, self._price_desk, self._admin, self._writers))()

    def decide(self) -> bool:
        """A person wants the back office's values back wherever the shop moved; False when nothing waits."""
        rows = self._watcher.told(WAITING)
        for sku, field in rows:
            self._ask(FIELD, sku=sku, field=field, what="restore", minutes=0)
        return bool(rows)

    def judge(self, *, decided: bool) -> None:
        """Nothing unowned was written, and both sides hold the same; or a person is asked where they do not."""
        stage, asked = self._stage, {(sku, field) for sku, field in self._watcher.told(WAITING)}
        if strange := set(written(self._shop.received)) - MOST:
            stage.violate("UNOWNED", ", ".join(sorted(strange)))
        for item in self._items():
            for name, value in self._content[item.sku].items():
                if getattr(item.shown, name) != value:
                    stage.violate("CONTENT", f"{name} of {item.sku}")
            for name in FIELDS:
                office = shown(canonical(name, self._office[item.sku, name]))
                there = shown(canonical(name, getattr(item, name)))
                # what the back office never had is never taken out of the shop
                if office and office != there and (decided or (item.sku, name) not in asked):
                    stage.violate("FIELD", f"{name} of {item.sku}: erp {office}, shop {there}")

    def writes(self) -> int:
        """Times a field of ours came in."""
        return sum(
            count
            for root in ("productVariantsBulkUpdate", "inventoryItemUpdate")
            for count in self._shop.received.get(root, {}).values()
        )

    def _price_desk(self) -> None:
        sku, name = self._chance.choice(self._skus), self._chance.choice(FIELDS)
        self._enter(sku, name, self._value(name))

    def _enter(self, sku: str, name: str, value: str) -> None:
        self._erp.staff.article(sku, {name: value})
        self._office[sku, name] = value
        self._stage.say(f"the erp says {name} of {sku} is {value}")

    def _admin(self) -> None:
        item, name = self._chance.choice(self._items()), self._chance.choice(FIELDS)
        merchandise.edit(self._shop, item, {name: self._value(name)})
        self._stage.say(f"somebody in the shop says {name} of {item.sku} is {getattr(item, name)}")

    def _writers(self) -> None:
        item = self._chance.choice(self._items())
        self._count += 1
        content: dict[str, object] = {
            "description_html": f"<p>{self._count}</p>", "seo_title": f"Title {self._count}", "tags": [f"t{self._count}"]
        }  # fmt: skip
        merchandise.rewrite(self._shop, item, content)
        self._content[item.sku] |= content

    def _value(self, name: str) -> str:
        self._count += 1
        return f"400638{self._count:07}" if name == "barcode" else f"{20 + self._count}.50"

    def _items(self) -> list[Item]:
        return sorted(
            (item for item in self._shop.items.values() if item.sku in self._skus), key=lambda one: one.sku
        )

    def _ask(self, verb: str, **args: object) -> None:
        now = BEGINNING + timedelta(seconds=self._stage.loop.now)
        self._store.write_sync(command.ask, "main", verb, orjson.dumps(args).decode(), "person", now)
