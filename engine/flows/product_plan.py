"""Plans of products: what would be written into which field and why, and then exactly that, field by field."""

from collections.abc import Collection, Mapping, Sequence

from engine.flows.adopting import lacking, told
from engine.flows.product_looking import Look, look
from engine.flows.products import Products
from engine.flows.site import Site
from engine.model.failure import Refused
from engine.model.plan import FieldRow, Plan
from engine.model.product import OfficeProduct, Value
from engine.products.deciding import Act
from engine.products.fields import shown
from engine.store.product_rows import FieldKept, Link
from engine.store.queries.products import fields_of, links, links_after
from engine.store.verbs.plans import begin_plan, close_plan, complete_plan
from engine.store.verbs.product_plans import Key, add_field_rows, settle_field_rows

ROUND = 160
"""Products looked at together: one call of the shop."""
WAITS = frozenset({Act.CONFLICT, Act.FIGHT})
"""States in which a plan restores the back office's value once it is run."""
Outcome = tuple[str, str]


class ProductPlans:
    """Plans of one connection."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._products = Products(site)

    async def make(self, operator: str) -> int:
        """Compare every adopted product, page by page, and keep what differs; the number of the plan. Raises Failure.

        Where drafts may be made, articles that the shop lacks are shown too; having them made is another's to ask for.
        """
        site = self._site
        told(site)
        number = await site.store.write(begin_plan, site.name, "products", operator, site.now())
        after = ""
        while page := await site.store.read(links_after, site.name, after, ROUND):
            looks, gone = await look(site, page, await self._products.unanswered(page))
            rows = [row for one in looks for row in _rows(one)]
            rows += [FieldRow(link.sku, "", None, None, "", "gone", "shown", why.cause) for link, why in gone]
            await site.store.write(add_field_rows, number, rows, len(page))
            after = page[-1].sku
        if site.drafts:
            rows = [_draft(each) for each in await lacking(site)]
            for start in range(0, len(rows), ROUND):
                await site.store.write(add_field_rows, number, rows[start : start + ROUND], 0)
        await site.store.write(complete_plan, number, site.now())
        return number

    async def run(self, plan: Plan, operator: str, only: Collection[Key] | None) -> None:
        """Write the planned rows, or of them only these; a row whose values moved since is refused. Raises Failure."""
        site = self._site
        told(site)
        rows = {
            (row.sku, row.field): row
            for row in plan.fields
            if row.state == "planned" and (only is None or (row.sku, row.field) in only)
        }
        skus = sorted({sku for sku, _ in rows})
        for start in range(0, len(skus), ROUND):
            some = set(skus[start : start + ROUND])
            async with site.product_turn:
                await self._run(plan.id, {key: row for key, row in rows.items() if key[0] in some}, operator)
        await site.store.write(close_plan, plan.id, operator, site.now())

    async def _run(self, number: int, rows: Mapping[Key, FieldRow], operator: str) -> None:
        site = self._site
        outcomes: dict[Key, Outcome] = dict.fromkeys(
            rows, ("refused", "The product is not adopted any more.")
        )
        kept: Sequence[Link] = await site.store.read(links, site.name, {sku for sku, _ in rows})
        looks, gone = await look(site, kept, await self._products.unanswered(kept), _by_sku(rows))
        for link, why in gone:
            outcomes |= {key: ("refused", why.cause) for key in rows if key[0] == link.sku}
        chosen: list[Key] = []
        for one in looks:
            for field, seen in one.looked.fields.items():
                key = (one.looked.link.sku, field)
                no = _refusal(rows[key], seen.office, one, written=seen.written)
                outcomes[key] = ("refused", no) if no else ("applied", "")
                chosen += [] if no else [key]
        if chosen:
            # read once more for exactly what may be written: what was refused must not travel with the rest
            left = [link for link in kept if link.sku in {sku for sku, _ in chosen}]
            again, _ = await look(site, left, {}, _by_sku(chosen))
            await self._products.write([one for one in again if not one.idle])
            for sku, fields in _by_sku(chosen).items():
                held = {each.field: each for each in await site.store.read(fields_of, site.name, sku)}
                outcomes |= {(sku, name): _outcome(rows[sku, name], held.get(name)) for name in fields}
        await site.store.write(settle_field_rows, number, outcomes, operator, site.now())


def _by_sku(keys: Collection[Key]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sku, field in keys:
        found.setdefault(sku, set()).add(field)
    return found


def _rows(one: Look) -> list[FieldRow]:
    found = []
    for field, seen in one.looked.fields.items():
        before = _text(one.variant.values[field])
        sku, cause = one.looked.link.sku, "write" if seen.written else str(seen.state)
        if seen.written or seen.state in WAITS:
            found.append(FieldRow(sku, field, before, _text(seen.office), seen.rule, cause, "planned"))
        elif seen.state in (Act.ALERT, "invalid"):
            note = seen.note or "The rule wants it shown and not written."
            found.append(FieldRow(sku, field, before, _text(seen.office), seen.rule, cause, "shown", note))
    return found


def _draft(article: OfficeProduct) -> FieldRow:
    note = f"The shop lacks it. Have a draft made: trueup product draft {article.sku}"
    title = article.title or article.sku
    return FieldRow(article.sku, "product", None, title, "new_products draft", "draft", "shown", note)


def _refusal(row: FieldRow, office: Value, one: Look, *, written: bool) -> str:
    """Why a row is not written; empty when it may be."""
    before = _text(one.variant.values[row.field])
    if before != row.before:
        return f"The shop moved: {before or 'no value'}, the plan saw {row.before or 'no value'}."
    if _text(office) != row.after:
        return f"The back office has {_text(office) or 'no value'} by now, the plan said {row.after or 'no value'}."
    return "" if written else "The rules do not let the back office write it any more."


def _outcome(row: FieldRow, held: FieldKept | None) -> Outcome:
    if held is not None and held.state == Act.SAME and held.shop == row.after:
        return "applied", ""
    return "refused", "The shop did not take it; see trueup failed list."


def _text(value: Value) -> str | None:
    return None if value is None else shown(value)


def runnable(plan: Plan | None, connection: str, number: int) -> Plan:
    """The plan, if it may be run here; Refused when not."""
    if plan is None or plan.connection != connection or plan.subject != "products" or plan.ready_at is None:
        raise Refused(
            f"There is no complete plan {number} of the products of {connection}",
            "Make one: trueup plan products",
            code="plan_unknown",
        )
    return plan
