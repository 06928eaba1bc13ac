"""The fields of a product that TrueUp knows: what they hold, and where they live in the shop.

A value is brought into one form on both sides before it is compared, so that 10, 10.0 and "10.00" are one price.
A price of one market is a field of its own, named like `price@united-kingdom`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from engine.model.product import Value

_TRUE, _FALSE = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")
_CODE = re.compile(r"[0-9]{6,13}")
CENT = Decimal("0.01")
"""Shopify keeps prices and costs to two digits. A cost is an average and is rounded; a price must be exact."""
NINE = Decimal("0.000000001")
"""The last digit of a decimal number that a metafield keeps."""
LONGEST = 255
"""Characters of a barcode or a SKU that Shopify keeps."""


class Kind(StrEnum):
    """What a field holds."""

    MONEY = "money"
    WEIGHT = "weight"
    TEXT = "text"
    COUNTRY = "country"
    CUSTOMS_CODE = "customs_code"
    YES_NO = "yes_no"
    FIGURE = "figure"
    """A decimal with up to nine digits behind the point, as a number in a metafield may have."""
    COUNT = "count"
    """Whole and from zero up: units, or days."""
    OTHER = "other"
    """Texts, lists and media of the storefront that TrueUp neither reads nor writes."""


class Home(StrEnum):
    """Where the shop keeps a field."""

    VARIANT = "variant"
    ITEM = "item"
    STOCK = "stock"
    """Written by the rule for stock alone."""
    PRODUCT = "product"
    """What shoppers see; TrueUp has no operation that touches it."""
    METAFIELD = "metafield"
    """A metafield of the variant, under a namespace that is TrueUp's alone."""
    PRICE_LIST = "price_list"
    """A fixed price of the price list of a market's catalogue."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field."""

    name: str
    kind: Kind
    home: Home

    @property
    def written(self) -> bool:
        """TrueUp has an operation for it."""
        return self.home in (Home.VARIANT, Home.ITEM, Home.METAFIELD, Home.PRICE_LIST)


class Invalid(ValueError):
    """A side holds something in a field that the field cannot hold."""


_ALL = (
    Field("price", Kind.MONEY, Home.VARIANT),
    Field("compare_at_price", Kind.MONEY, Home.VARIANT),
    Field("barcode", Kind.TEXT, Home.VARIANT),
    Field("sku", Kind.TEXT, Home.ITEM),
    Field("cost", Kind.MONEY, Home.ITEM),
    Field("weight", Kind.WEIGHT, Home.ITEM),
    Field("origin", Kind.COUNTRY, Home.ITEM),
    Field("customs_code", Kind.CUSTOMS_CODE, Home.ITEM),
    Field("tracked", Kind.YES_NO, Home.ITEM),
    Field("supplier", Kind.TEXT, Home.METAFIELD),
    Field("supplier_sku", Kind.TEXT, Home.METAFIELD),
    Field("purchase_price", Kind.FIGURE, Home.METAFIELD),
    Field("purchase_currency", Kind.TEXT, Home.METAFIELD),
    Field("minimum_order", Kind.COUNT, Home.METAFIELD),
    Field("lead_days", Kind.COUNT, Home.METAFIELD),
    Field("landed_cost", Kind.FIGURE, Home.METAFIELD),
    Field("quantities", Kind.OTHER, Home.STOCK),
    *(
        Field(name, Kind.OTHER, Home.PRODUCT)
        for name in (
            "title", "description", "images", "seo", "collections", "tags", "status", "template", "metafields",
            "vendor", "product_type", "category", "handle", "options", "publications",
        )
    ),
)  # fmt: skip
FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
SYNCED = tuple(field.name for field in _ALL if field.written)
"""Fields TrueUp can read in the shop and write there, in the order in which they are shown."""
FACTS = tuple(field.name for field in _ALL if field.home is Home.METAFIELD)
"""What the back office knows of supplier, purchase and cost; it goes to metafields, and only where a rule says so."""
MARKETED = ("price", "compare_at_price")
"""Fields of which every market may have a value of its own."""
AT = "@"


def market_key(name: str) -> str:
    """A market's name or handle in the form in which it is part of a field's name: `United Kingdom`: united-kingdom."""
    return "-".join(name.casefold().split())


def at_market(name: str, market: str) -> str:
    """The field that holds a price of one market."""
    return f"{name}{AT}{market_key(market)}"


def parts(name: str) -> tuple[str, str]:
    """A field and the market it is of; no market for the shop's own."""
    base, _, market = name.partition(AT)
    return base, market


def field_of(name: str) -> Field | None:
    """The field of this name, that of a market too; None for one TrueUp does not know."""
    base, market = parts(name)
    own = FIELDS.get(base)
    if AT not in name or own is None:
        return FIELDS.get(name)
    return (
        Field(name, own.kind, Home.PRICE_LIST)
        if base in MARKETED and market == market_key(market) != ""
        else None
    )


def canonical(name: str, raw: object) -> Value:
    """A value as one side gives it, in the form both are compared in; empty text is no value. Raises Invalid."""
    field = field_of(name)
    if field is None:
        raise KeyError(name)
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    match field.kind:
        case Kind.MONEY | Kind.WEIGHT:
            return _amount(field, raw)
        case Kind.FIGURE:
            return _decimal(name, raw, NINE)
        case Kind.COUNT:
            return _whole(name, raw)
        case Kind.YES_NO:
            return _yes_or_no(name, raw)
        case Kind.COUNTRY:
            text = str(raw).strip().upper()
            if len(text) != 2 or not text.isascii() or not text.isalpha():
                raise Invalid(f"{name} is not a country of two letters")
            return text
        case Kind.CUSTOMS_CODE:
            text = "".join(sign for sign in str(raw) if sign not in ". \u00a0-")
            if not _CODE.fullmatch(text):
                raise Invalid(f"{name} is not a code of 6 to 13 digits")
            return text
        case _:
            text = str(raw).strip()
            if len(text) > LONGEST or not text.isprintable():
                raise Invalid(
                    f"{name} is longer than {LONGEST} characters or holds signs that cannot be printed"
                )
            return text


def read(raw: Mapping[str, object]) -> tuple[dict[str, Value], dict[str, str]]:
    """The values of an article as a back office gives them, and why some of them cannot be used."""
    values: dict[str, Value] = {}
    invalid: dict[str, str] = {}
    for name, given in raw.items():
        try:
            values[name] = canonical(name, given)
        except Invalid as odd:
            invalid[name] = str(odd)
    return values, invalid


def shown(value: Value) -> str:
    """A value as it is kept and shown; nothing for no value."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case int():
            return str(value)
        case _:
            return value


def kept(name: str, text: str) -> Value:
    """What `shown` wrote down, as a value again."""
    return canonical(name, text)


def _amount(field: Field, raw: object) -> Decimal:
    name = field.name
    if isinstance(raw, float) and field.kind is Kind.WEIGHT:
        raw = str(raw)
    whole = _number(name, raw)
    cents = whole.quantize(CENT, ROUND_HALF_UP)
    if whole == cents or name == "cost":
        return cents
    if field.kind is Kind.MONEY:
        raise Invalid(f"{name} has more than two digits behind the point, which the shop does not keep")
    return whole


def _number(name: str, raw: object) -> Decimal:
    """A number from zero up, without digits that say nothing."""
    if isinstance(raw, bool | float):
        raise Invalid(f"{name} comes as a binary figure and not as a decimal one")
    try:
        amount = Decimal(str(raw).strip())
    except InvalidOperation as odd:
        raise Invalid(f"{name} is not a number") from odd
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
        raise Invalid(f"{name} is not an amount from zero up")
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


def _decimal(name: str, raw: object, smallest: Decimal) -> Decimal:
    amount = _number(name, raw)
    if amount != amount.quantize(smallest):
        raise Invalid(f"{name} has more than nine digits behind the point, which the shop does not keep")
    return amount


def _whole(name: str, raw: object) -> int:
    amount = _number(name, raw)
    if amount != amount.to_integral_value():
        raise Invalid(f"{name} is not a whole number")
    return int(amount)


def _yes_or_no(name: str, raw: object) -> bool:
    text = str(raw).strip().casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise Invalid(f"{name} is neither yes nor no")
