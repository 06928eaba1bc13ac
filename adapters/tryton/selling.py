"""Enters sales and cancels them. Every step can be repeated: a sale begun by a crashed call is found and finished."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from adapters.amounts import Row as SaleRow
from adapters.amounts import rows
from adapters.together import Together
from adapters.tryton.documents import UNFINISHED, Documents, SaleFile, document
from adapters.tryton.drafts import PRICE_STEP, Drafts, Rows, allotted
from adapters.tryton.parcels import Parcels
from adapters.tryton.places import Places
from adapters.tryton.rpc import Rpc
from adapters.tryton.trouble import is_duplicate, may_be_one
from engine.model.failure import Failure, OutcomeUnknown, Refused, TryLater
from engine.model.ids import DocumentId, OrderId
from engine.model.sale import Document, DocumentStatus, SalesDocument

STEPS = {"draft": "quote", "quotation": "confirm", "confirmed": "process"}
"""What takes a sale on from each state; confirming also processes it where Tryton runs no workers."""
MOST = 16
"""Sales entered together; more of them hold Tryton's locks longer and save nothing."""
Result = Document | Failure


class Selling:
    """Creates and cancels sales of one web shop."""

    def __init__(self, rpc: Rpc, places: Places, documents: Documents, shop: int) -> None:
        self._rpc = rpc
        self._places = places
        self._documents = documents
        self._drafts = Drafts(rpc, places, shop)
        self._parcels = Parcels(rpc)
        self._together = Together(self._enter, most=MOST)

    async def enter(self, sale: SalesDocument) -> Document:
        """Create the sale or finish the one that is there, and read it back; together with others that wait."""
        return await self._together.ask(sale)

    async def _enter(self, sales: Sequence[SalesDocument]) -> list[Result]:
        """Enter many; when Tryton refuses them, each alone, so that only the one it means fails."""
        once = {sale.ref: sale for sale in sales}
        try:
            found = await self._entered(list(once.values()))
        except Failure as failure:
            if len(once) == 1 or not may_be_one(failure):
                raise
            found = {}
            for ref, sale in once.items():
                try:
                    found |= await self._entered([sale])
                except Failure as its_own:
                    found[ref] = its_own
        return [found[sale.ref] for sale in sales]

    async def _entered(self, sales: Sequence[SalesDocument]) -> dict[OrderId, Result]:
        found: dict[OrderId, Result] = {}
        made: dict[OrderId, tuple[SaleRow, ...]] = {}
        for sale in sales:
            try:
                made[sale.ref] = rows(sale, PRICE_STEP)
            except Refused as refused:
                found[sale.ref] = refused
        files = await self._files(made)
        missing = [sale for sale in sales if sale.ref in made and sale.ref not in files]
        if missing:
            new = True
            try:
                found |= await self._drafts.make(missing, made)
            except Refused as refused:
                if len(missing) > 1 or not is_duplicate(refused):
                    raise
                new = False
            files |= await self._files((sale.ref for sale in missing), new=new)
        found |= await self._finish([sale for sale in sales if sale.ref in files], files, made)
        atlas = await self._places.atlas()
        for sale in sales:
            if sale.ref not in found:
                found[sale.ref] = document(files[sale.ref], atlas) if sale.ref in files else _hidden()
        return found

    async def _files(self, refs: Iterable[OrderId], *, new: bool = False) -> dict[OrderId, SaleFile]:
        return await self._documents.files(list(refs), new=new)

    async def _finish(
        self, sales: Sequence[SalesDocument], files: dict[OrderId, SaleFile], made: Rows
    ) -> dict[OrderId, Result]:
        """Take unfinished sales through Tryton's steps; `files` shows the outcome, the result what went wrong."""
        failed: dict[OrderId, Result] = {}
        begun: list[OrderId] = []
        for sale in sales:
            if files[sale.ref].row["state"] not in STEPS:
                continue
            try:
                await self._plan(sale, files[sale.ref], made)
                begun.append(sale.ref)
            except Refused as refused:
                failed[sale.ref] = refused
        for state, step in STEPS.items():
            due = [files[ref] for ref in begun if files[ref].row["state"] == state]
            if not due:
                continue
            await self._rpc.press("sale.sale", step, [file.id for file in due])
            if step == "quote":
                for file in due:
                    file.row["state"] = "quotation"
            else:
                files |= await self._files([file.ref for file in due])
        failed |= {ref: _unfinished() for ref in begun if files[ref].row["state"] in UNFINISHED}
        return failed

    async def _plan(self, sale: SalesDocument, file: SaleFile, made: Rows) -> None:
        """Refuse a sale that Tryton adds up otherwise; plan shipments where goods leave from several warehouses."""
        if file.row["total_amount"] != sale.total:
            raise Refused(
                f"Tryton makes {file.row['total_amount']} of the order, the shop {sale.total} {sale.currency}",
                "Cancel the draft sale in Tryton, or correct it, then retry",
                code="total_mismatch",
            )
        plan = allotted(made[sale.ref])
        if len(plan) > 1 and not file.moves:
            await self._parcels.make(file, plan, await self._places.atlas())

    async def cancel(self, number: DocumentId) -> None:
        """Cancel what has not left; done already is success."""
        file = await self._documents.by_id(number)
        if file is None:
            raise Refused(
                f"Tryton has no sale {number} of this shop",
                "Look for the order in Tryton and cancel it there",
                code="tryton_no_sale",
            )
        states = {move["state"] for move in file.moves}
        if "done" in states:
            if "cancelled" in states and not file.open():
                return  # cancelled before; what had left all the same is booked as shipped
            raise Refused(
                "The sale has left the warehouse, in whole or in part",
                "Take the goods back in Tryton instead of cancelling",
                code="tryton_shipped",
            )
        state = file.row["state"]
        if state in ("draft", "quotation", "confirmed"):
            if state == "confirmed":
                await self._rpc.model("sale.sale", "draft", [file.id])
            await self._rpc.model("sale.sale", "cancel", [file.id])
        shipments = sorted({int(m["shipment"].partition(",")[2]) for m in file.open() if m["shipment"]})
        if shipments:
            await self._rpc.press("stock.shipment.out", "cancel", shipments)
        if file.status() is not DocumentStatus.CANCELLED:
            await self._let_go(file)

    async def _let_go(self, file: SaleFile) -> None:
        """Tell the sale that its cancelled moves and invoices are meant to stay so, or it asks a person for ever."""
        gone: dict[int, list[int]] = defaultdict(list)
        for move in await self._rpc.rows(
            "stock.move", [["sale", "=", file.id], ["state", "=", "cancelled"]], ["origin"]
        ):
            gone[int(move["origin"].partition(",")[2])].append(move["id"])
        if gone:
            pairs: list[object] = []
            for line, moves in gone.items():
                pairs += [[line], {"moves_ignored": [["add", moves]]}]
            await self._rpc.model("sale.line", "write", *pairs)
        invoices = (await self._rpc.read("sale.sale", [file.id], ["invoices"]))[0]["invoices"]
        if invoices:
            states = await self._rpc.read("account.invoice", invoices, ["state"])
            drafts = [row["id"] for row in states if row["state"] in ("draft", "validated")]
            if drafts:
                await self._rpc.press("account.invoice", "cancel", drafts)
                change = {"invoices_ignored": [["add", drafts]]}
                await self._rpc.model("sale.sale", "write", [file.id], change)
        if gone or invoices:
            await self._rpc.model("sale.sale", "process", [file.id])


def _hidden() -> Failure:
    return TryLater(
        "Tryton does not show the sale it has just taken", "TrueUp looks again", code="tryton_hidden"
    )


def _unfinished() -> Failure:
    return OutcomeUnknown(
        "Tryton did not confirm the sale it holds",
        "TrueUp looks at the sale and goes on with it",
        code="tryton_unfinished",
    )
