"""A made-up desk's records that can be edited, and what was overtaken meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.desk import (
    Change,
    Chosen,
    CompareRow,
    Comparison,
    EditField,
    EditForm,
    FailedRow,
    MappingRow,
    NameTrial,
    Overtaken,
    Subject,
)
from engine.model.ids import WorkId
from engine.orders.rewording import fault

ORDER_ID = "gid://shopify/Order/10442"
KNOWN = ("1200 Debtors card", "1210 Debtors invoice")


def form_of(row: FailedRow) -> EditForm:
    """A value without a name, and the document of an order."""
    fields = (
        EditField("payments", "klarna", "", "payment gateway klarna", "klarna", "", "", KNOWN),
        EditField("order", ORDER_ID, "customer", "customer", "Ida Berg", "Ida Berg"),
        EditField("order", ORDER_ID, "email", "email", "ida.berg@example", "ida.berg@example"),
        EditField("order", ORDER_ID, "address", "address", "Kastanienallee 12 / 10435 Berlin", "Kastanienallee 12 / 10435 Berlin"),
        EditField("order", ORDER_ID, "note", "note", "", "Leave it at the door", "ben"),
    )  # fmt: skip
    chosen = Chosen(row.id, row.version, row.ref)
    return EditForm(chosen, row.connection, row.cause, fields if row.kind == "order" else ())


@dataclass
class CannedEdits:
    """Edits are noted; what a test puts into `late` was overtaken."""

    waiting: tuple[FailedRow, ...] = ()
    late: tuple[Overtaken, ...] = ()
    stale: list[str] = field(default_factory=list)
    edits: list[tuple[Chosen | None, tuple[Change, ...], str, str]] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    field_decisions: list[tuple[str, str, str, int]] = field(default_factory=list)
    subscribed: list[tuple[str, str]] = field(default_factory=list)

    async def overtaken(self, chosen: tuple[Chosen, ...]) -> tuple[Overtaken, ...]:
        """What a test says was."""
        ids = {one.id for one in chosen}
        return tuple(one for one in self.late if one.chosen.id in ids)

    async def editable(self, work: WorkId) -> EditForm | None:
        """The made-up form of a record that waits."""
        row = next((row for row in self.waiting if row.id == work), None)
        return form_of(row) if row is not None else None

    async def edit(
        self, connection: str, record: Chosen | None, changes: Sequence[Change], *, stale: str, operator: str
    ) -> int | str:
        """Note it; the record goes."""
        for one in changes:
            if one.said is not None and (wrong := fault(one.kind, one.field, one.said)):
                return wrong
        self.edits.append((record, tuple(changes), stale, operator))
        gone = None if record is None else record.id
        self.waiting = tuple(row for row in self.waiting if row.id != gone)
        return len(self.edits)

    async def outcome(self, asked: int) -> str | None:
        """It was done at once."""
        return f"{len(self.edits[asked - 1][1])} edited, tried again"

    async def try_name(self, connection: str, kind: str, name: str, said: str) -> NameTrial:
        """A hundred orders, some of which have it."""
        return NameTrial(100, 12, 3, ("1200",)) if name == "klarna" else NameTrial(100, 0, 0, ())

    async def compare(self, subject: Subject) -> Comparison | None:
        """A made-up order or product."""
        if subject.kind == "product":
            rows: tuple[CompareRow, ...] = (
                CompareRow("price", "21.00", "19.90", "back office owns price", "differs"),
            )
        else:
            rows = (
                CompareRow("payment gateway", "", "klarna", "[connections.payments]", "missing", kind="payments", name="klarna"),
                CompareRow("units of CT-000003", "1", "2", "to: create_line :sku", "differs", kind="field", name="lineItems.sku"),
                CompareRow("note", "Leave it at the door", "", "to: create_order :note", "edited", kind="field", name="note"),
                CompareRow("shipping method", "DHL-01", "Standard", "[connections.carriers]", "named", kind="carriers", name="Standard"),
                CompareRow("email", "ida.berg@example", "ida.berg@example", "to: create_order :email", "same", kind="field", name="email"),
            )  # fmt: skip
        return Comparison(subject, f"{subject.kind} {subject.ref.rpartition('/')[2]}", rows)

    async def mappings(self) -> tuple[MappingRow, ...]:
        """A made-up mapping."""
        return (
            MappingRow("shop-eu", "payments", "klarna", "", "missing", 4),
            MappingRow("shop-eu", "payments", "shopify_payments", "1200 Debtors card", "configuration"),
            MappingRow("shop-eu", "carriers", "Standard", "DHL-01", "ana"),
            MappingRow("shop-eu", "locations", "Berlin", "WH1", "configuration"),
            MappingRow("shop-eu", "field", "email", "to: create_order :email", "field map"),
            MappingRow(
                "shop-eu", "field", "poNumber", "nowhere: the back office has no such field", "field map", 2
            ),
        )

    async def decide_field(
        self, connection: str, sku: str, field: str, what: str, *, minutes: int, operator: str
    ) -> str:
        """Note it."""
        self.field_decisions.append((sku, field, what, minutes))
        return ""

    async def subscribe(self, connection: str, *, operator: str) -> None:
        """Note it."""
        self.subscribed.append((connection, operator))

    async def undoable(self, seq: int) -> str:
        """Every second line has no inverse."""
        return "What was done there has no inverse." if seq % 2 else ""

    async def undo(self, seq: int, *, operator: str) -> str:
        """Note it; what has no inverse says so."""
        no = await self.undoable(seq)
        if not no:
            self.undone.append(seq)
        return no
