"""The back offices TrueUp knows, each with what it needs to be reached."""

from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field

from console.settings.part import Part


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


class OdooSettings(Part):
    """An Odoo 17, 18 or 19 with the apps Sales and Inventory. Its secret: `back_office_key`, an API key of the user."""

    kind: Literal["odoo"]
    """Which back office this is."""
    url: AnyHttpUrl
    """Address of the server, without a path."""
    database: str
    """Name of the database on that server."""
    user: str
    """Login of the user the API key belongs to."""
    protocol: Literal["json2", "jsonrpc"] = "json2"
    """`json2` for Odoo 19 and later, `jsonrpc` for 17 and 18."""
    pricelists: dict[str, int] = {}
    """Pricelist id by currency, for the currencies the shop sells in beside the company's own."""
    products: dict[str, str] = {}
    """Internal references of the service products for what is no stocked product, where yours differ from ours."""
    poll_seconds: float | None = Field(default=None, gt=0)
    """How often this server is asked what moved, where it should differ from `engine.delta_seconds`."""


BackOfficeSettings = Annotated[SqlSettings | TrytonSettings | OdooSettings, Field(discriminator="kind")]
