"""Products from the command line: what could be adopted, both sides of one product, and what is asked of the engine."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import orjson

from console.assembly import site, store_for_an_errand
from console.lookup import chosen, only
from console.settings import Settings
from engine.flows.adopting import chosen as chosen_pairs
from engine.flows.adopting import compared, lacking, link, priced, proposals, would_write
from engine.flows.product_commands import ADOPT, AT_ONCE, DRAFT, FIELD, RELEASE, link_to
from engine.flows.rule_trial import RuleChange, tried
from engine.flows.site import Site
from engine.model.compared import Compared
from engine.model.failure import Refused
from engine.model.ids import Sku
from engine.model.product import OfficeProduct, VariantId
from engine.products.guard import born
from engine.products.matching import Match
from engine.store.product_rows import DraftRow, FieldKept, Link
from engine.store.queries.drafts import drafts
from engine.store.queries.products import adopted_count, field_conflicts, links, links_after
from engine.store.verbs import command


@asynccontextmanager
async def _open(settings: Settings, connection: str) -> AsyncIterator[Site]:
    one = only(settings, connection or None)
    async with store_for_an_errand(settings) as (store, clock):
        opened = site(settings, one, store, clock)
        try:
            yield opened
        finally:
            await opened.shop.aclose()
            await opened.back_office.aclose()


async def propose(
    settings: Settings, connection: str, pairs: Mapping[Sku, VariantId]
) -> list[tuple[Match, dict[str, tuple[str, str]]]]:
    """The named pairs, or else every proposal, with what adopting each would write at once: field → (shop's value,
    back office's). Raises Failure."""
    async with _open(settings, connection) as opened:
        found = await chosen_pairs(opened, pairs) if pairs else await proposals(opened)
        return [(each, would_write(opened, each)) for each in await priced(opened, found)]


async def adopt(settings: Settings, connection: str, confirmed: Sequence[Match], operator: str) -> int:
    """Ask the engine to adopt these; how many were asked for."""
    one = only(settings, connection or None)
    rows = [link_to(link(each)) for each in confirmed]
    async with store_for_an_errand(settings) as (store, clock):
        for start in range(0, len(rows), AT_ONCE):
            body = orjson.dumps({"links": rows[start : start + AT_ONCE]}).decode()
            await store.write(command.ask, one.name, ADOPT, body, operator, clock.now())
    return len(rows)


async def draftable(settings: Settings, connection: str) -> list[OfficeProduct]:
    """Articles that the shop lacks and the back office sells; Refused where the configuration lets none be made."""
    async with _open(settings, connection) as opened:
        found = list(await lacking(opened))
        for article in found:
            born(opened.ownership, opened.name, article, allowed=opened.drafts)
        return found


async def draft(settings: Settings, connection: str, skus: Sequence[str], operator: str) -> int:
    """Ask the engine to make drafts of these; how many were asked for."""
    one = only(settings, connection or None)
    async with store_for_an_errand(settings) as (store, clock):
        for start in range(0, len(skus), AT_ONCE):
            body = orjson.dumps({"skus": list(skus[start : start + AT_ONCE])}).decode()
            await store.write(command.ask, one.name, DRAFT, body, operator, clock.now())
    return len(skus)


async def drafted(settings: Settings, connection: str, limit: int) -> list[DraftRow]:
    """Products that were made of articles, and those that are to be made."""
    one = only(settings, connection or None)
    async with store_for_an_errand(settings) as (store, _):
        return await store.read(drafts, one.name, limit)


async def release(settings: Settings, connection: str, skus: Sequence[str], operator: str) -> list[str]:
    """Ask the engine to keep these no longer; those it does not keep."""
    one = only(settings, connection or None)
    async with store_for_an_errand(settings) as (store, clock):
        known = {each.sku for each in await store.read(links, one.name, skus)}
        if wanted := [sku for sku in skus if sku in known]:
            body = orjson.dumps({"skus": wanted}).decode()
            await store.write(command.ask, one.name, RELEASE, body, operator, clock.now())
    return [sku for sku in skus if sku not in known]


async def adopted(settings: Settings, connection: str, after: str, limit: int) -> list[Link]:
    """Adopted variants by SKU."""
    one = only(settings, connection or None)
    async with store_for_an_errand(settings) as (store, _):
        return await store.read(links_after, one.name, after, limit)


async def conflicts(settings: Settings) -> list[FieldKept]:
    """Fields that wait for a person, those overwritten most often first."""
    async with store_for_an_errand(settings) as (store, clock):
        return await store.read(field_conflicts, clock.now())


async def standing(settings: Settings) -> tuple[int, int]:
    """How many variants are adopted, and how many of their fields wait for a person."""
    async with store_for_an_errand(settings) as (store, clock):
        adopted = [await store.read(adopted_count, one.name) for one in settings.connections]
        return sum(adopted), len(await store.read(field_conflicts, clock.now()))


async def decide(
    settings: Settings, connection: str, sku: str, field: str, what: str, minutes: int, operator: str
) -> None:
    """Ask the engine to act on a decision; Refused when nothing of it waits for one."""
    async with store_for_an_errand(settings) as (store, clock):
        waiting = [
            each
            for each in await store.read(field_conflicts, clock.now())
            if (each.sku, each.field) == (sku, field) and connection in ("", each.connection)
        ]
        if len(waiting) != 1:
            raise Refused(
                f"Of {field} of {sku} {len(waiting) or 'nothing'} waits for a decision",
                "trueup conflict list shows what does; name the connection where several have it",
            )
        body = orjson.dumps({"sku": sku, "field": field, "what": what, "minutes": minutes}).decode()
        await store.write(command.ask, waiting[0].connection, FIELD, body, operator, clock.now())


async def try_rules(
    settings: Settings, edited: Settings, connection: str, last: int
) -> tuple[int, list[tuple[str, RuleChange]]]:
    """How many products edited rules were tried on, and what would change, by connection. Raises Failure."""
    count, found = 0, []
    for one in chosen(settings, connection):
        async with _open(settings, one.name) as opened:
            some = await opened.store.read(links_after, one.name, "", last)
            if some:
                count += len(some)
                found += [(one.name, each) for each in await tried(opened, edited.ownership.whole, some)]
    return count, found


def only_rules_differ(settings: Settings, edited: Settings) -> bool:
    """Whether the two configurations are the same but for their ownership rules."""
    first, second = (each.model_dump(exclude={"secrets", "ownership"}) for each in (settings, edited))
    return first == second


async def both_sides(settings: Settings, connection: str, sku: str) -> list[tuple[str, list[Compared]]]:
    """Both sides' values of an adopted product now, by connection; Failure when one cannot be asked."""
    found = []
    for one in chosen(settings, connection):
        async with _open(settings, one.name) as opened:
            if rows := await compared(opened, sku):
                found.append((one.name, rows))
    return found
