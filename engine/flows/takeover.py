"""Taking over from another connector, one subject or the stock of one location at a time, and giving it back."""

from datetime import UTC, datetime

import orjson

from engine.flows.inventory import Inventory
from engine.flows.shadow import take_up_remit
from engine.flows.site import Site
from engine.model.failure import Failure
from engine.model.ids import LocationId
from engine.model.remit import Subject
from engine.store.rows import Command
from engine.store.verbs.shadow import give_back, standing_in, take_over

TAKE, BACK = "take over", "give back"
VERBS = (TAKE, BACK)
DONE = {TAKE: "taken over", BACK: "given back"}
"""With what the outcome of one that was done begins."""


async def do(site: Site, inventory: Inventory, one: Command) -> str:
    """What came of it, in a sentence."""
    args = orjson.loads(one.args_json)
    subject, location = Subject(args["subject"]), LocationId(args["location"])
    if not site.beside:
        return f"{site.name} is served by TrueUp alone: nothing is taken over or given back there"
    if location and location not in site.locations:
        return f"{location} is not among the locations of {site.name}"
    try:
        # whatever is under way for stock and products is done before the remit changes
        async with site.product_turn, site.level_turn:
            if one.verb == TAKE:
                return await _take(site, subject, location, args, one.operator)
            return await _back(site, inventory, subject, location, one.operator)
    except Failure as failure:
        return f"not done: {failure.cause} {failure.remedy}"


async def _take(
    site: Site, subject: Subject, location: LocationId, args: dict[str, object], operator: str
) -> str:
    differing = await site.store.read(standing_in, site.name, subject, location)
    if differing and not args["despite"]:
        many = "1 field differs" if differing == 1 else f"{differing} fields differ"
        return f"not done: {many} there. Look at trueup shadow report, and take over despite that with --despite."
    since = await _since(site, args["since"])
    done = await site.store.write(take_over, site.name, subject, location, since, operator, site.now())
    await take_up_remit(site)
    return f"{DONE[TAKE]}: {_named(subject, location)}" if done else "it was taken over before"


async def _since(site: Site, said: object) -> datetime:
    """From when on orders are ours: as told, or from now on by the shop's clock, which dates them."""
    if isinstance(said, str) and said:
        return datetime.fromisoformat(said).astimezone(UTC)
    return await site.shop.now()


async def _back(
    site: Site, inventory: Inventory, subject: Subject, location: LocationId, operator: str
) -> str:
    if subject is Subject.STOCK:
        open_ = [cell for cell in await inventory.open_writes() if location in ("", cell.location)]
        if open_:
            return f"not done: {len(open_)} writes there have no answer yet. Ask again in a minute."
    done = await site.store.write(give_back, site.name, subject, location, operator, site.now())
    await take_up_remit(site)
    return f"{DONE[BACK]}: {_named(subject, location)}" if done else "it was not taken over"


def _named(subject: Subject, location: LocationId) -> str:
    return f"{subject} at {location}" if location else f"{subject}"
