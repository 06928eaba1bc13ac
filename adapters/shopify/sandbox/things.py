"""What the shop's world is made of. Plain records; the verbs that move them live beside them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.shopify.sandbox.merchandise import Merchandise
from adapters.shopify.sandbox.money import NOTHING, Bag

ON_SHELF = ("available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
STATES = (
    "available",
    "committed",
    "damaged",
    "incoming",
    "on_hand",
    "quality_control",
    "reserved",
    "safety_stock",
)


def gid(kind: str, number: int) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


@dataclass(frozen=True, slots=True)
class SandboxSku:
    """An article the sandbox shop sells."""

    sku: str
    title: str
    price: str
    product: str = ""
    """Articles that name the same one are variants of it; without it an article is a product of its own."""


@dataclass(slots=True, eq=False)
class Location:
    """A place that holds stock."""

    number: int
    name: str
    created_at: datetime
    active: bool = True

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("Location", self.number)


@dataclass(slots=True, eq=False)
class Item:
    """A variant with its inventory item, and the product it is of; the three numbers are unrelated, as at Shopify."""

    number: int
    variant: int
    product: int
    sku: str
    title: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    shown: Merchandise
    levels: "dict[int, Level]" = field(default_factory=dict)
    compare_at_price: Decimal | None = None
    barcode: str | None = None
    cost: Decimal | None = None
    weight: Decimal = Decimal(0)
    weight_unit: str = "KILOGRAMS"
    metafields: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    """By namespace and key, as the API tells them."""
    origin: str | None = None
    customs_code: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    """Value by option; nothing of a product that has one variant and no options."""
    tracked: bool = True
    ships: bool = True
    """False for what is delivered digitally: nothing is committed or fulfilled, and it never sells out."""

    @property
    def gid(self) -> str:
        """The global id of the inventory item."""
        return gid("InventoryItem", self.number)


@dataclass(slots=True, eq=False)
class Level:
    """One item at one location. on_hand is the sum of what is on the shelf, so the identity cannot break."""

    number: int
    item: Item
    location: Location
    created_at: datetime
    updated_at: datetime
    active: bool = True
    units: dict[str, int] = field(default_factory=lambda: {**dict.fromkeys(ON_SHELF, 0), "incoming": 0})

    @property
    def gid(self) -> str:
        """Its global id, opaque to clients."""
        return f"{gid('InventoryLevel', self.number)}?inventory_item_id={self.item.number}"

    def quantity(self, name: str) -> int:
        """How many units are in a state."""
        if name == "on_hand":
            return sum(self.units[state] for state in ON_SHELF)
        return self.units[name]


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax line."""

    title: str
    rate: Decimal
    amount: Bag


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount application."""

    index: int
    kind: str
    title: str
    across: bool
    percent: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Share:
    """What fell on one line of a discount."""

    discount: Discount
    amount: Bag


@dataclass(slots=True, eq=False)
class Line:
    """A line item; `removed` units were refunded, cancelled or edited away."""

    number: int
    item: Item
    quantity: int
    unit_price: Bag
    location: Location
    shares: list[Share] = field(default_factory=list)
    taxes: list[Tax] = field(default_factory=list)
    removed: int = 0
    fulfilled: int = 0
    returned: int = 0
    restocked: int = 0
    sku: str = ""
    """As it was called when it was sold."""

    def __post_init__(self) -> None:
        """Keep the SKU whatever the article is called later."""
        self.sku = self.sku or self.item.sku

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("LineItem", self.number)

    @property
    def fulfilled_here(self) -> int:
        """Units that left and did not come back."""
        return self.fulfilled - self.returned

    @property
    def waiting(self) -> int:
        """Units still to be shipped."""
        return self.quantity - self.removed - self.fulfilled_here if self.item.ships else 0

    @property
    def original(self) -> Bag:
        """Before discounts."""
        return self.unit_price.times(self.quantity)

    @property
    def discounted(self) -> Bag:
        """After all discounts."""
        found = self.original
        for share in self.shares:
            found -= share.amount
        return found


@dataclass(slots=True, eq=False)
class Shipping:
    """A shipping charge."""

    number: int
    title: str
    price: Bag
    taxes: list[Tax] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class FulfilmentOrderLine:
    """Units of a line that one fulfilment order asks for."""

    number: int
    line: Line
    total: int
    remaining: int


@dataclass(slots=True, eq=False)
class FulfilmentOrder:
    """Lines to be shipped from one location."""

    number: int
    order: "Order"
    location: Location
    lines: list[FulfilmentOrderLine]
    created_at: datetime
    updated_at: datetime
    status: str = "OPEN"

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("FulfillmentOrder", self.number)

    @property
    def open(self) -> bool:
        """True while units wait."""
        return self.status in ("OPEN", "IN_PROGRESS")


@dataclass(slots=True, eq=False)
class Fulfilment:
    """Units that left."""

    number: int
    order: "Order"
    location: Location
    lines: list[tuple[int, Line, int]]
    created_at: datetime
    name: str
    tracking: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class RefundLine:
    """Units given back."""

    number: int
    line: Line
    quantity: int
    restock: str
    location: Location | None
    subtotal: Bag
    tax: Bag
    never_left: bool
    """Taken out before it was shipped."""


@dataclass(slots=True, eq=False)
class Refund:
    """One refund."""

    number: int
    order: "Order"
    lines: list[RefundLine]
    created_at: datetime
    note: str = ""
    transactions: "list[Transaction]" = field(default_factory=list)
    shipping: list[Shipping] = field(default_factory=list)
    """Of each charge the part that is given back."""
    adjustment: Bag = NOTHING
    """What is paid beyond what is given back, or less when negative."""


@dataclass(slots=True, eq=False)
class Transaction:
    """A movement of money."""

    number: int
    order: "Order"
    kind: str
    gateway: str
    amount: Bag
    created_at: datetime
    parent: "Transaction | None" = None


@dataclass(frozen=True, slots=True)
class Act:
    """What happened to units of a line, to the fraction of a second: the books of Shopify stamp whole seconds."""

    at: float
    kind: str
    """promised, fulfilled, taken_out (never left), returned (left and came back), or moved."""
    line: Line
    units: int
    location: Location
    restock: bool = False
    """Of taken_out and returned: whether the units went back on the shelf of `location`."""
    to: Location | None = None
    """Where units moved to."""


@dataclass(slots=True, eq=False)
class Order:
    """An order."""

    number: int
    serial: int
    source: str
    currency: str
    presentment: str
    taxes_included: bool
    created_at: datetime
    updated_at: datetime
    placed_at: float
    lines: list[Line] = field(default_factory=list)
    shipping: list[Shipping] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    fulfilment_orders: list[FulfilmentOrder] = field(default_factory=list)
    fulfilments: list[Fulfilment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    retail: Location | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    staff_note: str | None = None
    edited: bool = False
    original_total: Bag = NOTHING

    @property
    def gid(self) -> str:
        """Its global id."""
        return gid("Order", self.number)

    @property
    def name(self) -> str:
        """As people call it."""
        return f"#{self.serial}"
