"""One connection: a shop, a back office, and which warehouses stand behind which location."""

from typing import Annotated, Literal

from pydantic import AnyHttpUrl, AwareDatetime, Field, field_validator, model_validator

from console.settings.part import Part


class ShopSettings(Part):
    """The Shopify side. Its secrets: `shop_access_token`, or `shop_client_id` with `shop_client_secret`."""

    kind: Literal["shopify"]
    """Which storefront this is."""
    url: AnyHttpUrl
    """Address of the shop, without a path: `https://brand.myshopify.com`."""
    api_version: str = Field(default="2026-10", pattern=r"^\d{4}-\d{2}$")
    """Admin API version all calls are made with."""


class SqlSettings(Part):
    """A home-made back office behind a SQL database."""

    kind: Literal["sql"]
    """Which back office this is."""
    url: str
    """Database address without its password; a relative SQLite path starts beside the configuration file."""
    statements: dict[str, str]
    """Our questions and acts as SQL in the words of your schema; `docs/operating.md` lists their names."""


class TrytonSettings(Part):
    """A Tryton server, reached by its JSON-RPC."""

    kind: Literal["tryton"]
    """Which back office this is."""
    url: AnyHttpUrl
    """Address of the server, without the database."""
    database: str
    """Name of the database on that server."""
    user: str
    """Login of the user we act as."""
    web_shop: str
    """Name of the web shop our sales belong to."""
    poll_seconds: float | None = Field(default=None, gt=0)
    """How often this server is asked what moved, where it should differ from `engine.delta_seconds`."""


BackOfficeSettings = Annotated[SqlSettings | TrytonSettings, Field(discriminator="kind")]


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
    orders_since: AwareDatetime | None = None
    """Orders placed before this moment are left alone; without it, those before the engine's first start."""
    buffer: int = Field(default=0, ge=0)
    """Units held back from sale in every cell."""

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
