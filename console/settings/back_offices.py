"""The back offices TrueUp knows, each with what it needs to be reached."""

from decimal import Decimal
from typing import Annotated, Literal, assert_never

from pydantic import AnyHttpUrl, AwareDatetime, Field, model_validator

from console.settings.part import Part

MarketName = Annotated[str, Field(pattern=r"^[^A-Z@\s]+$")]
"""A market's name or handle in small letters, with hyphens for blanks."""
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class SqlSettings(Part):
    """A home-made back office behind a SQL database."""

    kind: Literal["sql"]
    """Which back office this is."""
    url: str
    """Database address without its password; a relative SQLite path starts beside the configuration file."""
    statements: dict[str, str]
    """Our questions and acts as SQL in the words of your schema; `docs/operating.md` lists their names."""
    tier: Literal["T0", "T2", "T3"] = "T0"
    """How it keeps an order from being created twice: `T0` by a unique external reference, `T2` only by looking it
    up after a while, `T3` not at all (a person decides)."""
    settle_seconds: float = Field(default=0.0, ge=0)
    """How long after a lost answer an order may still appear; with tier `T2` it is looked up only then."""
    wait_seconds: float = Field(default=5.0, gt=0)
    """How long to wait for a free connection, and with SQLite for a lock."""
    product_fields: tuple[str, ...] = ()
    """Fields of products that the statements for articles give, as docs/products.md names them."""
    market_currencies: dict[MarketName, CurrencyCode] = {}
    """Currency of the prices of each market that product_fields names: `{ germany = "EUR" }`."""
    connect: dict[str, str | int | float | bool] = {}
    """Options handed to the database driver as they are; no secrets."""


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
    payment_method: str = ""
    """Name of the invoice payment method by which payments and refunds are entered, and credit notes beside them; where
    [connections.payments] is given it names the method of each gateway. Without it a person enters what moves later."""
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
    market_pricelists: dict[MarketName, int] = {}
    """Pricelist id by market, for the markets that have prices of their own: `{ germany = 4 }`; docs/products.md."""
    products: dict[str, str] = {}
    """Internal references of the service products for what is no stocked product, where yours differ from ours."""
    journal: str = ""
    """Code of the bank journal in which payments and refunds are posted, and credit notes beside them; where
    [connections.payments] is given it names the journal of each gateway. Without it a person enters what moves later."""
    poll_seconds: float | None = Field(default=None, gt=0)
    """How often this server is asked what moved, where it should differ from `engine.delta_seconds`."""


class NetSuiteSettings(Part):
    """A NetSuite account. Its secrets: client id and secret with token id and secret, or client id with certificate
    id and private key."""

    kind: Literal["netsuite"]
    """Which back office this is."""
    account: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    """Account id as NetSuite shows it, `1234567` or `1234567_SB1`."""
    url: AnyHttpUrl | None = None
    """Address of the account's web services, where it should not follow from the account id."""
    auth: Literal["token", "certificate"] = "token"
    """`token` for token-based authentication, `certificate` for OAuth 2.0 machine to machine."""
    algorithm: Literal["PS256", "ES256"] = "PS256"
    """How the certificate's key signs: PS256 for RSA, ES256 for P-256."""
    prefix: str = Field(default="trueup-", pattern=r"^[A-Za-z0-9_-]+$")
    """What external ids of our records begin with; change it when another connector has used the same."""
    subsidiary: str | None = None
    """Internal id of the subsidiary that sells; leave out in an account without subsidiaries."""
    customer: str | None = None
    """Internal id of one customer for all orders; without it each buyer becomes a customer."""
    items: dict[str, str] = {}
    """Names of the charge items for what is no stocked item, where yours differ from ours."""
    taxes_as: Literal["items", "details"] = "items"
    """`items`: each tax is a line of the charge item TAX. `details`: tax details, in an account with SuiteTax; the values
    of [connections.taxes] are internal ids of sales tax items then."""
    tax_code: str = Field(default="", pattern=r"^(-?[0-9]+)?$")
    """With `details` the internal id of the sales tax item for taxes that [connections.taxes] does not name."""
    deposit_account: str = Field(default="", pattern=r"^[0-9]*$")
    """Internal id of the account through which customer deposits and refunds go, and credit memos are made beside them;
    where [connections.payments] is given it names the account of each gateway. Without it a person enters what moves
    later."""
    invoices: bool = False
    """TrueUp invoices what has left of each order, as soon as it has; otherwise NetSuite's own people or schedules do."""
    concurrency: int = Field(default=2, ge=1, le=50)
    """Calls at once; every integration of the account draws on the same pool."""
    poll_seconds: float | None = Field(default=None, gt=0)
    """How often this account is asked what moved, where it should differ from `engine.delta_seconds`."""

    @model_validator(mode="after")
    def _details_have_a_code(self) -> "NetSuiteSettings":
        if self.taxes_as == "details" and not self.tax_code:
            raise ValueError("tax details need tax_code, the sales tax item of taxes that no table names")
        return self


class Cin7CoreSettings(Part):
    """A Cin7 Core (formerly DEAR) account. Its secret: `back_office_key`, the key of an API application."""

    kind: Literal["cin7_core"]
    """Which back office this is."""
    account: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    """Account id, as the API page of Cin7 Core's integrations shows it."""
    customer: str
    """Name of the one customer all orders of the shop are entered for."""
    url: AnyHttpUrl | None = None
    """Address of the API with its version, where it should not be the vendor's own."""
    tax_rule: str = "Tax Exempt"
    """Name of a tax rule of 0 %: taxes are booked as charged, on lines of their own."""
    products: dict[str, str] = {}
    """Names of the service products for what is no stocked product, where yours differ from ours."""
    rates: dict[str, Decimal] = {}
    """Conversion rate by currency, for the currencies the shop sells in beside the account's own."""
    deposit_account: str = ""
    """Code of the account through which payments and refunds go, and credit notes are made beside them; where
    [connections.payments] is given it names the account of each gateway. Without it a person enters what moves later."""
    prefix: str = Field(default="trueup-", pattern=r"^[A-Za-z0-9_-]+$")
    """What the ExternalID of our sales begins with; change it when another connector has used the same."""
    calls_per_minute: int = Field(default=60, ge=10, le=600)
    """Calls we may make in a minute; the account answers 60, lower it when other integrations need some of them."""
    sales_since: AwareDatetime | None = None
    """Sales last changed before this moment are none of ours and not read; the day this connection was made will do."""
    poll_seconds: float = Field(default=15.0, gt=0)
    """How often this account is asked what moved: each time takes two calls or more of the minute's."""


class UnleashedSettings(Part):
    """An Unleashed account. Its secrets: `back_office_key`, the API key that goes with the API id, and for webhooks
    `back_office_webhook_secret`, the key Unleashed showed when the subscription was made."""

    kind: Literal["unleashed"]
    """Which back office this is."""
    api_id: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    """API id, as Unleashed shows it under Integrations > Unleashed API Access."""
    customer: str
    """Code of the one customer all orders of the shop are entered for."""
    url: AnyHttpUrl | None = None
    """Address of the API, where it should not be the vendor's own."""
    tax_code: str = "NONE"
    """Code of a tax of 0 %: taxes are booked as charged, on lines of their own."""
    products: dict[str, str] = {}
    """Codes of the products for what is no stocked product, where yours differ from ours."""
    rates: dict[str, Decimal] = {}
    """Exchange rate by currency, for the currencies the shop sells in beside the account's own."""
    credit_notes: bool = False
    """Enter what refunds give back as credit notes of their own; otherwise a person enters what moves later."""
    prefix: str = Field(default="trueup-", pattern=r"^[A-Za-z0-9_-]+$")
    """What the SourceId of our orders begins with; change it when another connector has used the same."""
    calls_per_month: int = Field(default=250_000, ge=1_000)
    """Calls we may make in a month, by your plan; looking for changes takes its share of them, evenly."""
    calls_per_minute: int = Field(default=60, ge=5, le=600)
    """The pace we keep: whether Unleashed has a limit by the minute is not confirmed."""
    complete_orders: bool = False
    """Complete an order once all its goods have left; try it in a trial account first."""
    sales_since: AwareDatetime | None = None
    """Orders last modified before this moment are none of ours and not read; the day this connection was made will do."""
    poll_seconds: float = Field(default=60.0, gt=0)
    """How often this account is asked what moved: each time takes three calls or more of the month's."""


class OmniSettings(Part):
    """A Cin7 Omni account. Its secret: `back_office_key`, the key of an API connection."""

    kind: Literal["cin7_omni"]
    """Which back office this is."""
    user: str
    """User name of the API connection, as Omni shows it."""
    url: AnyHttpUrl | None = None
    """Address of the API with its version, where it should not be the vendor's own."""
    customer: int | None = Field(default=None, ge=1)
    """Id of one contact for all orders; without it Omni finds or makes one by the buyer's email."""
    products: dict[str, str] = {}
    """Codes of the products for what is no stocked product, where yours differ from ours."""
    payment_method: str = ""
    """Name of the payment method under which payments are entered, and credit notes beside them; where
    [connections.payments] is given it names the method of each gateway. Without it a person enters what moves later."""
    prefix: str = Field(default="trueup-", pattern=r"^[A-Za-z0-9_]{1,9}-$")
    """What the references of our orders begin with, up to ten characters; change it when another connector used it."""
    calls_per_day: int = Field(default=5_000, ge=500, le=100_000)
    """Calls we may make in 24 hours; the account answers 5,000. Looking for changes takes its share of them, evenly."""
    calls_per_minute: int = Field(default=60, ge=5, le=600)
    """Calls we may make in a minute; the account answers 60, lower it when other integrations need some of them."""
    settle_seconds: float = Field(default=60.0, ge=0)
    """How long after a lost answer an order may still appear; it is looked up only then."""
    sales_since: AwareDatetime | None = None
    """Orders last modified before this moment are none of ours and not read; the day this connection was made will do."""
    poll_seconds: float = Field(default=120.0, gt=0)
    """How often this account is asked what moved: each time takes two calls or more of the day's."""


BackOfficeSettings = Annotated[
    SqlSettings
    | TrytonSettings
    | OdooSettings
    | NetSuiteSettings
    | Cin7CoreSettings
    | UnleashedSettings
    | OmniSettings,
    Field(discriminator="kind"),
]


def account(described: BackOfficeSettings) -> tuple[str, ...]:
    """What tells this back office from every other: connections that agree in it sell from the same shelves."""
    match described:
        case SqlSettings():
            return described.kind, described.url
        case TrytonSettings() | OdooSettings():
            return described.kind, str(described.url), described.database
        case NetSuiteSettings() | Cin7CoreSettings():
            return described.kind, str(described.url), described.account.upper()
        case UnleashedSettings():
            return described.kind, str(described.url), described.api_id
        case OmniSettings():
            return described.kind, str(described.url), described.user
        case _ as never:
            assert_never(never)
