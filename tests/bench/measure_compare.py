"""A comparison of 1,000,000 cells: its time beside a bare merge join of the same data, its memory, and the small one."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from figure import Figure

TIMES, MEGABYTES, SHARE = 3.0, 300.0, 0.01


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="trueup-bench-") as folder:
        ours = Path(__file__).with_name("our_compare.py")
        run = subprocess.run([sys.executable, str(ours), folder], check=True, stdout=subprocess.PIPE)
    told = json.loads(run.stdout)
    full, bare, since = told["full"], told["bare"], told["since"]
    assert told["cells"] == 1_000_000 and told["since_cells"] == 1000
    return [
        Figure(
            "full compare of 1,000,000 cells (CPU)",
            f"{full:.2f} s",
            f"{bare:.2f} s bare merge join, loaded",
            f"{full / bare:.2f}",
            f"< {TIMES:g}",
            full / bare < TIMES,
        ),
        Figure(
            "its memory",
            f"{told['memory_mb']:.0f} MB",
            f"{told['before_mb']:.0f} MB before",
            "-",
            f"< {MEGABYTES:g} MB",
            told["memory_mb"] < MEGABYTES,
        ),
        Figure(
            "compare after 1,000 changes (CPU)",
            f"{since * 1000:.0f} ms",
            f"{full * 1000:.0f} ms full",
            f"{since / full:.4f}",
            f"< {SHARE:g}",
            since / full < SHARE,
        ),
        Figure(
            "mutations of an unchanged full run",
            f"{told['mutations']:.0f}, {told['differing']:.0f} cells marked",
            target="0",
            met=told["mutations"] == told["differing"] == 0,
        ),
    ]
