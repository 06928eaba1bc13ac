"""The statements a user configures: what each is given, what it must give back, and a check before anything runs.

Values are only ever bound, never pasted: `:name` for one value, `IN :names` for a list. Amounts come twice, as
decimal text (`:total`) and in minor units (`:total_minor`); times are ISO 8601 in UTC.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from engine.model.entry import EntryKind
from engine.model.failure import Misset


@dataclass(frozen=True, slots=True)
class Shape:
    """What one statement is for."""

    purpose: str
    needs: frozenset[str]
    """Parameters it must use."""
    offers: frozenset[str]
    """Parameters it may use besides."""
    gives: frozenset[str]
    """Columns it must give back."""
    optional: bool = False


def _shape(
    purpose: str, *, needs: str = "", offers: str = "", gives: str = "", optional: bool = False
) -> Shape:
    return Shape(
        purpose,
        frozenset(needs.split()),
        frozenset(offers.split()),
        frozenset(gives.split()),
        optional=optional,
    )


LISTS: Final = frozenset({"skus", "refs", "documents"})
"""Parameters that are bound as a list."""

_DOCUMENT = "id ref status total"
_HEAD = (
    "name placed_at currency taxes_included total total_minor presentment_currency presentment_total "
    "presentment_total_minor customer email address note subsidiary details"
)
_LINE = (
    "position kind sku title unit_price unit_price_minor discount discount_minor tax tax_minor taxes "
    "tax_codes total total_minor warehouse carrier details"
)
_MONEY = "amount amount_minor currency presentment presentment_minor presentment_currency at"
_CREDIT = f"taxes_included note {_MONEY}"
_MOVE = "document sku warehouse units"

SHAPES: Final[Mapping[str, Shape]] = {
    "warehouses": _shape("all warehouses", gives="id name active"),
    "products": _shape("SKUs after one, in order", needs="after limit", gives="sku"),
    "stock": _shape("physical and reserved units", needs="skus", gives="sku warehouse on_hand reserved"),
    "reservations": _shape("open units of our documents", needs="skus", gives="ref sku warehouse units"),
    "changes": _shape(
        "the change log after a sequence number", needs="cursor limit", gives="sequence sku ref"
    ),
    "latest_change": _shape("the newest sequence number", gives="sequence"),
    "articles": _shape(
        "every article after a SKU, in order, with the columns that product_fields names",
        needs="after limit",
        gives="sku",
        optional=True,
    ),
    "articles_named": _shape("the same of some SKUs", needs="skus", gives="sku", optional=True),
    "article_changes": _shape(
        "the change log of articles after a sequence number",
        needs="cursor limit",
        gives="sequence sku",
        optional=True,
    ),
    "latest_article_change": _shape(
        "the newest sequence number of that log", gives="sequence", optional=True
    ),
    "documents": _shape("our documents by external reference", needs="refs", gives=_DOCUMENT),
    "document": _shape("one document by id", needs="document", gives=_DOCUMENT),
    "document_lines": _shape(
        "goods of documents per SKU and warehouse",
        needs="documents",
        gives="document sku warehouse quantity shipped shipped_at returned",
    ),
    "parcels": _shape(
        "parcels of documents that have left; warehouse and sku may be empty",
        needs="documents",
        gives="document number carrier url warehouse sku",
        optional=True,
    ),
    "create_order": _shape("a new document", needs="ref", offers=_HEAD),
    "create_line": _shape("one line of a new document", needs="document quantity", offers=f"key {_LINE}"),
    "create_payment": _shape(
        "one payment of a document, new or later",
        needs="document",
        offers="key kind gateway account amount amount_minor",
    ),
    "confirm_order": _shape(
        "after the last line, where the system wants it", needs="document", optional=True
    ),
    "note_refusal": _shape("tells the system of an order it refused", needs="ref message", optional=True),
    "order_lines": _shape(
        "lines of a document as they were entered", needs="document", gives="key sku quantity", optional=True
    ),
    "amend_line": _shape(
        "enters a line of a document anew, or a line more",
        needs="document key quantity",
        offers=_LINE,
        optional=True,
    ),
    "drop_line": _shape("takes a line out of a document", needs="document key", optional=True),
    "allot_line": _shape(
        "promises so many more units, or fewer when negative", needs=_MOVE, offers="total", optional=True
    ),
    "amend_order": _shape(
        "gives a document its new amounts, after its lines", needs="document", offers=_HEAD, optional=True
    ),
    "payments": _shape(
        "payments of a document that were taken", needs="document", gives="key amount", optional=True
    ),
    "create_credit_line": _shape(
        "one line of a credit memo, before its head",
        needs="document credit",
        offers="position line sku title quantity amount amount_minor tax tax_minor",
        optional=True,
    ),
    "create_credit": _shape(
        "a credit memo for a document, after its lines", needs="document key", offers=_CREDIT, optional=True
    ),
    "credits": _shape("credit memos of a document", needs="document", gives="key amount", optional=True),
    "create_refund": _shape(
        "money paid back for a document",
        needs="document key",
        offers=f"gateway account refund {_MONEY}",
        optional=True,
    ),
    "refunds": _shape("money paid back for a document", needs="document", gives="key amount", optional=True),
    "cancel_order": _shape("cancels an unshipped document", needs="document"),
    "reroute_line": _shape("moves unshipped units", needs=f"{_MOVE} origin"),
    "ship_line": _shape("books units as left", needs="document sku warehouse", offers="units total"),
    "return_line": _shape(
        "books units back into stock", needs="document sku warehouse", offers="units total key"
    ),
}


AMENDING: Final = ("order_lines", "amend_line", "drop_line", "allot_line", "amend_order")
"""Of these a system has all, or a booked document cannot be changed there."""


POSTING: Final[Mapping[EntryKind, tuple[str, ...]]] = {
    EntryKind.PAYMENT: ("payments", "create_payment"),
    EntryKind.CREDIT: ("credits", "create_credit"),
    EntryKind.REFUND: ("refunds", "create_refund"),
}
"""Of each pair a system has both, or that kind of entry is made by hand: the one reads, the other writes."""


class Statements:
    """Checked statements, ready to be executed with bound values."""

    def __init__(self, given: Mapping[str, str], *, without: Collection[str] = ()) -> None:
        """Check what is given; `without` names statements that may be left out here. Raises Misset."""
        for name in given:
            if name not in SHAPES:
                raise _misset(f"The statement “{name}” is not one TrueUp knows")
        self._ready: dict[str, TextClause] = {}
        for name, shape in SHAPES.items():
            sql = given.get(name, "").strip().rstrip(";")
            if sql:
                self._ready[name] = _checked(name, shape, sql)
            elif not shape.optional and name not in without:
                raise _misset(f"The statement “{name}” is missing ({shape.purpose})")
        missing = [name for name in AMENDING if name not in self._ready]
        if missing and len(missing) < len(AMENDING):
            raise _misset(f"Booked documents can be changed only with the statement “{missing[0]}” too")
        for reads, writes in POSTING.values():
            if self.has(reads) is not self.has(writes) and SHAPES[writes].optional:
                raise _misset(f"The statements “{reads}” and “{writes}” go together, and one is missing")
        if self.has("create_credit_line") and not self.has("create_credit"):
            raise _misset("The statement “create_credit_line” goes with “create_credit”, which is missing")

    def __getitem__(self, name: str) -> TextClause:
        return self._ready[name]

    @property
    def amend(self) -> bool:
        """Whether a booked document can be changed."""
        return all(name in self._ready for name in AMENDING)

    @property
    def posts(self) -> frozenset[EntryKind]:
        """Which entries can be made for a booked document."""
        return frozenset(kind for kind, names in POSTING.items() if all(map(self.has, names)))

    def has(self, name: str) -> bool:
        """Whether an optional statement was given."""
        return name in self._ready


def _checked(name: str, shape: Shape, sql: str) -> TextClause:
    try:
        clause = text(sql)
        used = frozenset(clause.compile().params)
    except SQLAlchemyError as error:
        raise _misset(f"The statement “{name}” cannot be read") from error
    if absent := shape.needs - used:
        raise _misset(f"The statement “{name}” does not use :{', :'.join(sorted(absent))}")
    if strange := used - shape.needs - shape.offers:
        raise _misset(
            f"The statement “{name}” asks for :{', :'.join(sorted(strange))}, which it is not given"
        )
    return clause.bindparams(*(bindparam(each, expanding=True) for each in sorted(used & LISTS)))


def _misset(cause: str) -> Misset:
    return Misset(
        f"{cause}.",
        "Correct [connections.back_office.statements] in the configuration.",
        code="sql.statements",
    )
