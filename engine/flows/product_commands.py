"""What operators ask about products: adopt, release, and decide about a field; done by the engine that leads."""

from datetime import datetime, timedelta

import orjson

from engine.flows.site import Site
from engine.model.ids import ItemId, Sku
from engine.model.product import ProductId, VariantId
from engine.store.product_rows import Link
from engine.store.rows import Command
from engine.store.verbs.drafts import ask_drafts
from engine.store.verbs.products import adopt, decide_field, release

ADOPT, RELEASE, FIELD, DRAFT = "adopt products", "release products", "decide field", "draft products"
VERBS = (ADOPT, RELEASE, FIELD, DRAFT)
WISHES = ("restore", "adopt", "snooze")
AT_ONCE = 200
"""Variants in one command, so that no transaction of the engine grows long."""


async def do(site: Site, one: Command) -> str:
    """Do a command of ours; what came of it."""
    args, now = orjson.loads(one.args_json), site.now()
    if one.verb == ADOPT:
        links = [link_from(row) for row in args["links"]]
        done = await site.store.write(adopt, site.name, links, one.operator, now)
        return f"{done} of {len(links)} adopted"
    if one.verb == RELEASE:
        done = await site.store.write(release, site.name, args["skus"], one.operator, now)
        return f"{done} of {len(args['skus'])} released"
    if one.verb == DRAFT:
        return await _draft(site, args["skus"], one.operator, now)
    return await _field(site, args, one.operator, now)


async def _draft(site: Site, skus: list[str], operator: str, now: datetime) -> str:
    """Each is a record of the queue from now on, so that none is forgotten."""
    if not site.drafts:
        return "the configuration does not let TrueUp make products"
    await site.store.write(ask_drafts, site.name, skus, operator, now)
    return f"{len(skus)} to be made"


async def _field(site: Site, args: dict[str, str], operator: str, now: datetime) -> str:
    if args["what"] not in WISHES:
        return "unknown wish"
    until = now + timedelta(minutes=int(args.get("minutes") or 0))
    done = await site.store.write(
        decide_field, site.name, args["sku"], args["field"], args["what"], until, operator, now
    )
    return args["what"] if done else "nothing of it waits for a decision"


def link_to(link: Link) -> dict[str, str]:
    """A confirmed match as it stands in a command."""
    return {
        "sku": link.sku, "variant": link.variant, "product": link.product, "item": link.item,
        "office_id": link.office_id, "title": link.title,
    }  # fmt: skip


def link_from(row: dict[str, str]) -> Link:
    """The same read again."""
    return Link(
        Sku(row["sku"]), VariantId(row["variant"]), ProductId(row["product"]), ItemId(row["item"]),
        row["office_id"], row["title"],
    )  # fmt: skip
