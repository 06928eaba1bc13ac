"""One connection: a shop, a back office, and which warehouses stand behind which location."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, AwareDatetime, Field, field_validator, model_validator

from console.settings.back_offices import BackOfficeSettings, NetSuiteSettings
from console.settings.part import Part
from engine.model.entry import EntryKind
from engine.model.ids import LocationId, Sku, WarehouseId
from engine.stock.buffers import BufferRule
from engine.stock.kits import Recipe, leaves


class ShopSettings(Part):
    """The Shopify side. Its secrets: `shop_access_token`, or `shop_client_id` with `shop_client_secret`."""

    kind: Literal["shopify"]
    """Which storefront this is."""
    url: AnyHttpUrl
    """Address of the shop, without a path: `https://brand.myshopify.com`."""
    api_version: str = Field(default="2026-10", pattern=r"^\d{4}-\d{2}$")
    """Admin API version all calls are made with."""


class BufferSettings(Part):
    """Units held back from sale; give one of `units`, `percent` and `velocity`."""

    units: int | None = Field(default=None, ge=0)
    """So many in each cell; 0 makes an exception of what an earlier entry holds back."""
    percent: Decimal | None = Field(default=None, gt=0, le=100)
    """Of what the cell would hold, rounded up to whole units."""
    velocity: Literal[True] | None = None
    """As many as the back office may sell by itself before the shop hears of it, by how fast it sells there."""
    skus: tuple[str, ...] = ()
    """SKUs, `*` and `?` stand for any characters and one; without it every SKU."""
    locations: tuple[str, ...] = ()
    """Shop locations; without it every location of the connection."""
    begins: AwareDatetime | None = None
    """From when on, for a sale; without it at once."""
    ends: AwareDatetime | None = None
    """Until when; without it for good."""

    @model_validator(mode="after")
    def _one_amount(self) -> "BufferSettings":
        if sum(amount is not None for amount in (self.units, self.percent, self.velocity)) != 1:
            raise ValueError("a buffer is given in one of units, percent and velocity")
        if self.begins and self.ends and self.begins >= self.ends:
            raise ValueError("the buffer would end before it begins")
        return self

    @property
    def rule(self) -> BufferRule:
        """As the engine takes it."""
        return BufferRule(
            units=self.units or 0, percent=self.percent or Decimal(0), velocity=bool(self.velocity),
            skus=self.skus, locations=tuple(LocationId(place) for place in self.locations),
            begins=self.begins, ends=self.ends,
        )  # fmt: skip


class ConnectionSettings(Part):
    """One shop and one back office that must agree."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Short name: part of webhook addresses and of the environment variables that hold secrets."""
    shop: ShopSettings
    """The storefront."""
    back_office: BackOfficeSettings
    """The ERP, inventory or order-management system."""
    locations: dict[str, tuple[str, ...]]
    """Warehouses behind each shop location; a location that is not named is never written to."""
    stock_figures: Literal["physical", "available"] = "physical"
    """What the back office says of stock: units on hand and reserved, or only what it may still promise."""
    closed_warehouses: Literal["hold", "sell"] = "hold"
    """A warehouse switched off in the back office: hold its units back from sale, or sell by its figures."""
    payments: dict[str, str] | None = None
    """Account by payment gateway, as the shop names it. Each of these four tables, once it is there, must name every
    value that orders bring, or the order is held; without the table the back office is told Shopify's own name."""
    taxes: dict[str, str] | None = None
    """Tax code by title of the tax; in Cin7, Odoo, Tryton, Unleashed and NetSuite the product or item the tax is sold as,
    in NetSuite with `taxes_as = "details"` the internal id of the sales tax item."""
    carriers: dict[str, str] | None = None
    """Carrier by shipping method; in Cin7, Odoo, Tryton, Unleashed and NetSuite the product it is sold as."""
    subsidiaries: dict[str, str] | None = None
    """Selling subsidiary by country the goods go to (ISO 3166, `none` without an address); for SQL and NetSuite."""
    by_hand: tuple[EntryKind, ...] = tuple(EntryKind)
    """What a person is asked to enter where the back office does not take it: payments captured after booking, credit
    memos, refunds. Leave out what your bookkeeping takes from Shopify's payouts; its figures are then not held."""
    new_products: Literal["leave", "draft"] = "leave"
    """An article of the back office that the shop lacks: leave it, or make a draft product of it once a person asks for
    that (`trueup product draft`)."""
    orders_since: AwareDatetime | None = None
    """Orders placed before this moment are left alone; without it, those before the engine's first start."""
    shadow: bool = False
    """Another connector serves this shop and back office too: TrueUp writes nothing and compares what that one writes
    with what it would write itself (`trueup shadow report`), until something is taken over (`trueup golive take`)."""
    events: tuple[str, ...] = ()
    """Webhook channels that are told which SKUs and orders changed: an iPaaS, say. Not in the shadow of another connector."""
    buffer: int = Field(default=0, ge=0)
    """Units held back from sale in every cell."""
    buffers: tuple[BufferSettings, ...] = ()
    """More exactly: per SKU, location and time. Of those that cover a cell and hold, the last one counts, alone."""

    kits: dict[str, dict[str, Annotated[int, Field(ge=1)]]] = {}
    """Units of each component in an article that is made of others when it is sold; a component may be a kit too."""

    @field_validator("kits")
    @classmethod
    def _kits_end_somewhere(cls, value: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        if empty := next((sku for sku, parts in value.items() if not parts), None):
            raise ValueError(f"kit {empty} has no components")
        leaves(_recipes(value))
        return value

    @field_validator("locations", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: (inner,) if isinstance(inner, str) else inner for key, inner in value.items()}

    @model_validator(mode="after")
    def _each_warehouse_once(self) -> "ConnectionSettings":
        if not self.locations:
            raise ValueError("no location is mapped, so nothing could be kept in agreement")
        behind = [warehouse for warehouses in self.locations.values() for warehouse in warehouses]
        twice = sorted({warehouse for warehouse in behind if behind.count(warehouse) > 1})
        if twice:
            raise ValueError(f"warehouse {twice[0]} stands behind more than one location")
        return self

    @model_validator(mode="after")
    def _subsidiaries_where_there_are_some(self) -> "ConnectionSettings":
        if self.subsidiaries is not None and self.back_office.kind in (
            "cin7_core",
            "odoo",
            "tryton",
            "unleashed",
        ):
            raise ValueError(f"orders in {self.back_office.kind} name no subsidiary; leave the table out")
        return self

    @model_validator(mode="after")
    def _tax_details_by_id(self) -> "ConnectionSettings":
        office = self.back_office
        if isinstance(office, NetSuiteSettings) and office.taxes_as == "details":
            strange = (code for code in (self.taxes or {}).values() if not code.removeprefix("-").isdecimal())
            if (code := next(strange, None)) is not None:
                raise ValueError(
                    f"with tax details taxes names sales tax items by internal id, and {code!r} is none"
                )
        return self

    @model_validator(mode="after")
    def _buffers_where_we_write(self) -> "ConnectionSettings":
        named = {place for buffer in self.buffers for place in buffer.locations}
        if strange := sorted(named - self.locations.keys()):
            raise ValueError(f"a buffer names {strange[0]}, which is not among the locations")
        return self

    @property
    def warehouses(self) -> Mapping[LocationId, tuple[WarehouseId, ...]]:
        """Those behind each location, in the order in which they are written down."""
        return {
            LocationId(at): tuple(WarehouseId(name) for name in behind)
            for at, behind in self.locations.items()
        }

    @property
    def recipes(self) -> Mapping[Sku, Recipe]:
        """Every kit down to components that are no kits."""
        return leaves(_recipes(self.kits))

    @property
    def buffer_rules(self) -> tuple[BufferRule, ...]:
        """All buffers, the plain one first."""
        plain = (BufferRule(units=self.buffer),) if self.buffer else ()
        return (*plain, *(buffer.rule for buffer in self.buffers))


def _recipes(kits: Mapping[str, Mapping[str, int]]) -> dict[Sku, Recipe]:
    return {Sku(kit): {Sku(sku): units for sku, units in parts.items()} for kit, parts in kits.items()}
