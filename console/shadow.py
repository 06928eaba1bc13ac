"""Beside another connector: how far it agrees with TrueUp, and taking over from it."""

from typing import Any

from console.asking import asked, led
from console.assembly import store_for_an_errand
from console.lookup import only
from console.settings import Settings
from console.settings.trouble import SettingsTrouble
from engine.model.failure import TryLater
from engine.model.shadow import ShadowReport, Taken
from engine.store.queries.shadow import shadow_report
from engine.store.verbs.shadow import taken


async def report(settings: Settings, hours: float, shown: int) -> ShadowReport:
    """The agreement of all connections within so many hours, with no more than `shown` differences."""
    async with store_for_an_errand(settings) as (store, clock):
        return await store.read(shadow_report, hours, shown, clock.now())


async def taken_over(settings: Settings) -> list[Taken]:
    """What TrueUp writes of connections that another connector serves too."""
    async with store_for_an_errand(settings) as (store, _):
        return await store.read(taken)


async def change(
    settings: Settings, connection: str | None, verb: str, args: dict[str, Any], operator: str
) -> str:
    """Let the engine take something over or give it back, and wait for it; what came of it, in a sentence.

    `args` are those of the verb, as `engine.flows.takeover` reads them. Only a running engine does it: it has to end
    what is under way first. Failure when none answers.
    """
    one = only(settings, connection)
    if not one.shadow:
        raise SettingsTrouble(
            f"{one.name} is served by TrueUp alone.",
            f"Set shadow = true for {one.name} and restart to work beside another connector.",
        )
    async with store_for_an_errand(settings) as (store, clock):
        if not await led(store, clock, one.name):
            raise TryLater(f"No engine works on {one.name}.", "Start it (trueup run), then ask again.")
        return await asked(store, clock, one.name, verb, args, operator)
