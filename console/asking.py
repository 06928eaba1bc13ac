"""Asking the engine that runs for something from the command line, and waiting for what comes of it."""

from typing import Any

import orjson

from engine.model.clock import Clock
from engine.model.failure import TryLater
from engine.store.session import Store
from engine.store.verbs import command
from engine.store.verbs.lease import holder

LOOK_SECONDS = 2.0
"""How often it is checked that the engine that was asked still runs."""


async def led(store: Store, clock: Clock, connection: str) -> bool:
    """Does a living engine work on this connection?"""
    row = await store.read(holder, connection, clock.now())
    return row is not None and row.live


async def asked(
    store: Store, clock: Clock, connection: str, verb: str, args: dict[str, Any], operator: str
) -> str:
    """What came of asking the engine, as it says it; TryLater when it stops before it is done."""
    body = orjson.dumps(args).decode()
    number = await store.write(command.ask, connection, verb, body, operator, clock.now())
    seen = store.revision()
    while (outcome := await store.read(command.outcome, number)) is None:
        if not await led(store, clock, connection):
            raise TryLater(
                "The engine that was asked has stopped.",
                "It does what was asked when it runs again; or ask again now.",
            )
        seen = await store.changed_after(seen, LOOK_SECONDS)
    return outcome
