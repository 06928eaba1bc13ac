"""One connection: a shop, a back office, and which warehouses stand behind which location."""

from typing import Literal

from pydantic import AnyHttpUrl, AwareDatetime, Field, field_validator, model_validator

from console.settings.back_offices import BackOfficeSettings
from console.settings.part import Part


class ShopSettings(Part):
    """The Shopify side. Its secrets: `shop_access_token`, or `shop_client_id` with `shop_client_secret`."""

    kind: Literal["shopify"]
    """Which storefront this is."""
    url: AnyHttpUrl
    """Address of the shop, without a path: `https://brand.myshopify.com`."""
    api_version: str = Field(default="2026-10", pattern=r"^\d{4}-\d{2}$")
    """Admin API version all calls are made with."""


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
