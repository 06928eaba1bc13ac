"""Who bought, where it goes, and under which terms it is to be paid."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and value that the buyer, an app or staff attached; a leading underscore hides it from the buyer."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the shop has it."""

    name: str = ""
    company: str = ""
    street: tuple[str, ...] = ()
    city: str = ""
    postcode: str = ""
    province: str = ""
    """Code of the province or state."""
    country: str = ""
    """ISO 3166-1 alpha-2."""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """The company behind a business order."""

    id: str
    name: str
    external_id: str
    """The merchant's own number for it."""
    location: str
    """Name of the branch that bought."""
    location_id: str
    location_external_id: str


@dataclass(frozen=True, slots=True)
class TaxId:
    """A number that a country asks for: VAT, CPF, NIF and the like."""

    key: str
    title: str
    country: str
    value: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought; every part may be missing (a till, a key without access to customer data)."""

    id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = ""
    tax_exempt: bool = False
    billing: Address | None = None
    shipping: Address | None = None
    company: Company | None = None
    tax_ids: tuple[TaxId, ...] = ()


@dataclass(frozen=True, slots=True)
class Instalment:
    """One date of payment terms."""

    due_at: datetime | None
    issued_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When the order is to be paid, for orders that are not paid at once."""

    name: str
    kind: str
    """FIXED, NET, RECEIPT, FULFILLMENT or UNKNOWN."""
    due_in_days: int | None
    instalments: tuple[Instalment, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """How the order came about."""

    source: str = ""
    """`web`, `pos`, a channel or an app."""
    source_identifier: str = ""
    po_number: str = ""
    confirmation_number: str = ""
    processed_at: datetime | None = None
    closed_at: datetime | None = None
    cancel_reason: str = ""
    financial_status: str = ""
    fulfilment_status: str = ""
    return_status: str = ""
    risk: str = ""
    """ACCEPT, INVESTIGATE, CANCEL or NONE."""
    test: bool = False
    edited: bool = False
    confirmed: bool = True
    estimated_taxes: bool = False
