"""Making and running plans from the command line: by the engine if one runs, else by this process."""

from typing import Any

from console.asking import asked, led
from console.assembly import site, store_for_an_errand
from console.lock import Lock
from console.lookup import only
from console.settings import Settings
from console.settings.connection import ConnectionSettings
from engine.flows.plan_commands import Done, PlanCommands
from engine.flows.tenure import tenure
from engine.model.clock import Clock
from engine.model.failure import Refused, TryLater
from engine.model.plan import Plan
from engine.store.examine import examine
from engine.store.queries.plans import read_plan
from engine.store.session import Store


async def make_plan(
    settings: Settings, connection: str | None, operator: str, subject: str = "stock"
) -> Plan:
    """A new plan of a connection's stock, or of its products; Failure when it could not be made."""
    one = only(settings, connection)
    async with store_for_an_errand(settings) as (store, clock):
        args = {} if subject == "stock" else {"subject": subject}
        return await _done(settings, one, store, clock, "plan", args, operator)


async def stored_plan(settings: Settings, number: int) -> Plan | None:
    """A plan that was made before."""
    async with store_for_an_errand(settings) as (store, _):
        return await store.read(read_plan, number)


async def run_plan(
    settings: Settings, plan: Plan, cells: list[tuple[str, str]] | None, operator: str
) -> Plan:
    """Run a plan, or of it only these cells; the plan afterwards."""
    one = only(settings, plan.connection)
    async with store_for_an_errand(settings) as (store, clock):
        return await _done(settings, one, store, clock, "apply", {"plan": plan.id, "cells": cells}, operator)


async def _done(
    settings: Settings,
    one: ConnectionSettings,
    store: Store,
    clock: Clock,
    verb: str,
    args: dict[str, Any],
    operator: str,
) -> Plan:
    if await led(store, clock, one.name):
        done = Done.read(await asked(store, clock, one.name, verb, args, operator))
    else:
        done = await _here(settings, one, store, clock, verb, args, operator)
    plan = None if done.plan is None else await store.read(read_plan, done.plan)
    if plan is None:
        raise Refused(done.cause, done.remedy)
    return plan


async def _here(
    settings: Settings,
    one: ConnectionSettings,
    store: Store,
    clock: Clock,
    verb: str,
    args: dict[str, Any],
    operator: str,
) -> Done:
    """Do it in this process, as the only one that works for the connection."""
    lock = Lock(store)
    if not lock.take():
        raise TryLater("Another TrueUp is starting beside this store.", "Ask again in a few seconds.")
    place = site(settings, one, store, clock)
    try:
        await store.read(examine)
        async with tenure(place, store, lock.holder):
            return await PlanCommands(place).do(verb, args, operator)
    finally:
        await place.shop.aclose()
        await place.back_office.aclose()
        lock.release()
