"""How fast TrueUp is, each figure beside a reference measured in the same run: `python tests/bench/run.py [NAME…]`.

Needs the virtual environment and loopback, nothing else. Exit code 0 whatever the figures say; another one when
a measurement breaks.
"""

import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from figure import Figure, Missing

PARTS = {
    "intake": "webhook intake against a minimal program",
    "drip": "webhooks beside 2,000 connections that hand over a byte a second",
    "idle": "a daemon with nothing to do",
    "notice": "a failure until somebody is told",
    "paint": "first screen of trueup against `python -c pass`",
    "screens": "each screen over made-up data in a terminal of 80 x 24",
    "busy": "each screen beside a daemon that takes 1,000 webhooks a second",
    "stock": "the Stock screen with 100,000 SKUs in 10 locations",
    "change": "a change in the back office until the shop confirmed it",
    "hot": "200 cells changing 500 times a second",
    "compare": "a comparison of 1,000,000 cells of both sides",
    "writes": "API calls for 1,000 changed cells",
    "queue": "records claimed and settled against one-row commits",
    "orders": "orders of 50 lines proven and mapped",
    "sales": "orders placed until they are in a back office, a stream and a burst",
    "products": "a price change on 20,000 variants, stock beside it",
    "vendors": "calls of each back office against the fewest its API allows",
    "bursts": "500 orders at once into each back office, at its limit",
    "oversold": "units oversold in a played flash sale against a batch",
}
HEADS = ("FIGURE", "OURS", "REFERENCE", "RATIO", "TARGET", "MET")


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(rows: list[Figure]) -> str:
    """The rows as text, one line each."""
    words = {True: "yes", False: "NO", None: "-"}
    lines = [HEADS, *((r.name, r.ours, r.reference, r.ratio, r.target, words[r.met]) for r in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        say(f"There is no figure called {', '.join(unknown)}. Choose from: {', '.join(PARTS)}.")
        return 2
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is not compiled at each start
    load = os.getloadavg()[0]
    say(f"{os.cpu_count()} cores, load {load:.1f} before the run, Python {sys.version.split()[0]}")
    rows: list[Figure] = []
    notes: list[str] = []
    broken = False
    for name in names or list(PARTS):
        began = time.monotonic()
        say(f"… {name}: {PARTS[name]}")
        try:
            rows += importlib.import_module(f"measure_{name}").measure()
        except Missing as missing:
            notes.append(f"{name}: not measured, {missing}")
        except Exception:
            broken = True
            traceback.print_exc()
            notes.append(f"{name}: broke after {time.monotonic() - began:.0f} s")
    say()
    say(table(rows))
    for note in notes:
        say(note)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
