"""A process that works a queue until nothing is due: `python -m tests.flows.poisoned_engine STORE LOG`.

Its orders end as their names say: `killer` ends the process on the spot, `raiser` breaks, any other succeeds. Each
attempt that is begun is a line of the log.
"""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

from engine.delivery.budget import Budget
from engine.flows.deliver import Deliver
from engine.flows.site import Rhythm, Site
from engine.model.clock import SystemClock
from engine.ports import Capabilities, Tier
from engine.store.fenced import Fenced
from engine.store.rows import Work
from engine.store.session import Store
from engine.store.verbs.lease import acquire
from engine.store.verbs.rescue import rescue

KILLED = 9


async def work(path: str, log: Path) -> None:
    """One life of the engine: take over, then work while there is work."""
    clock = SystemClock()
    store = Store.open(path, clock=clock)
    epoch = await store.write(acquire, "main", "engine", 60, clock.now())
    assert epoch is not None
    fenced = Fenced(store, "main", lambda: epoch)
    await fenced.write(rescue, connection="main", epoch=epoch, now=clock.now())
    able = Capabilities("erp", Tier.T0, 0.0, events=False, max_concurrency=4)
    site = SimpleNamespace(
        name="main", store=fenced, epoch=epoch, now=clock.now, clock=clock, rhythm=Rhythm(workers=4),
        back_office=SimpleNamespace(capabilities=able), budget=Budget(), chance=Random(0), attempts=Counter(),
    )  # fmt: skip

    async def attempt(record: Work) -> None:
        with log.open("a", encoding="utf-8") as told:
            told.write(f"{record.key}\n")
        if record.key == "killer":
            os._exit(KILLED)
        if record.key == "raiser":
            raise LookupError(record.key)
        await asyncio.sleep(0)

    deliver = Deliver(cast(Site, site), {"order": attempt})
    idle = 0
    while idle < 2:  # a round begins nothing while its lane is busy, too
        idle = 0 if await deliver.round() else idle + 1
        await deliver.drain(30)
    store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
