"""What people want the back office to be told in other words: taken up at the start, and edited while we run."""

import orjson

from engine.flows.site import Site
from engine.store.rows import Command
from engine.store.verbs.edited import edit_and_retry
from engine.store.verbs.wording import wordings

EDIT = "edit"
"""Verb of the command."""


async def take_up_words(site: Site) -> None:
    """Names that people gave, as they stand in the store."""
    site.words = tuple(await site.store.read(wordings, site.name))


async def edit(site: Site, one: Command) -> str:
    """Put words down or take them back, then try the record again; what came of it."""
    args = orjson.loads(one.args_json)
    outcome = await site.store.write(edit_and_retry, site.name, args, site.values, one.operator, site.now())
    await take_up_words(site)
    return outcome
