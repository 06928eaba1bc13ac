"""Draws every screen from made-up data: `python -m console.screenshots [FOLDER]`; `--live` opens the console on it."""

import asyncio
import sys
from pathlib import Path
from tempfile import gettempdir

from textual.pilot import Pilot

from console.app import TrueUpConsole
from console.canned import CannedDesk, FrozenClock
from console.garbage import only_at_leisure

SIZES = ((80, 24), (200, 50))
SHOTS = {
    "pulse": (),
    "stock": ("2", "j", "j", "l", "space"),
    "stock-detail": ("2", "j", "enter"),
    "stock-filter": ("2", "slash", *"lamp", "enter"),
    "why": ("2", "j", "l", "w", "j"),
    "conflicts": ("C", "j", "enter"),
    "sync": ("3", "j"),
    "failed": ("4", "j", "j", "F"),
    "causes": ("4", "c", "j"),
    "edit": ("4", "j", "j", "e", "e", *"1210", "enter"),
    "orders": ("5", "enter"),
    "risk": ("6", "j"),
    "fields": ("7", "enter"),
    "compare": ("5", "equals_sign", "j"),
    "mapping": ("5", "equals_sign", "m", "escape"),
    "logs": ("8",),
    "audit": ("9", "V"),
    "plans": ("0",),
    "plan": ("0", "enter", "enter", "j"),
    "help": ("4", "question_mark"),
}


def console() -> TrueUpConsole:
    """The console over the canned desk, with its clock standing still."""
    cache = Path(gettempdir()) / "trueup-canned"
    return TrueUpConsole(CannedDesk(), read_write=True, operator="ana", clock=FrozenClock(), cache=cache)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until what was asked has been read and painted."""
    for _ in range(20):
        await pilot.pause()


async def draw(folder: Path) -> None:
    """Write one SVG for each screen and size."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for width, height in SIZES:
        for name, keys in SHOTS.items():
            app = console()
            async with app.run_test(size=(width, height)) as pilot:
                await settled(pilot)
                for key in keys:
                    await pilot.press(key)
                    await settled(pilot)
                picture = app.export_screenshot(title=f"TrueUp {name}")
            await asyncio.to_thread((folder / f"{name}-{width}x{height}.svg").write_text, picture, "utf-8")


if __name__ == "__main__":
    if "--live" in sys.argv:
        app = console()
        only_at_leisure()
        app.run(mouse=False)
    else:
        asyncio.run(draw(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots")))
