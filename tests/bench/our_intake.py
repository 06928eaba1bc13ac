"""Our listener, inbox and store, as the daemon wires them: `python our_intake.py DIRECTORY|DATABASE [PROFILE]`.

Prints its port and serves until its standard input ends.
"""

import asyncio
import cProfile
import pstats
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.listener import ConnectionSecrets, HealthReport, Listener
from console.inbox import Inbox
from engine.model.clock import SystemClock
from engine.store.session import Store


async def main(database: Path) -> None:
    store = Store.open(f"sqlite:///{database}", clock=SystemClock())
    routes = {"main": ConnectionSecrets(("shop-secret",), ())}
    door = Listener("127.0.0.1", 0, routes, Inbox(store), lambda: HealthReport(True, True))
    await door.start()
    try:
        sys.stdout.write(f"{door.port}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await door.stop()
        store.close()


if __name__ == "__main__":
    given = Path(sys.argv[1])
    database = given / "ours.db" if given.is_dir() else given
    if len(sys.argv) > 2:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, main(database))
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(45)
    else:
        asyncio.run(main(database))
