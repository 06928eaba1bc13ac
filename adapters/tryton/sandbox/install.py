"""Gets a trytond of its own into the user's cache, and databases for it. Nothing of it is imported by us.

trytond is GPL software and needs packages we do not have, so it lives in a virtual environment of its own and is
only ever started as a process. Building happens once; every run works on a copy.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERIES = "8.2"
SCRIPT = Path(__file__).parent / "build_database.py"
MODULES = [
    "party",
    "product",
    "stock",
    "sale",
    "account",
    "account_invoice",
    "account_invoice_stock",
    "carrier",
    "sale_amendment",
    "sale_discount",
    "sale_shipment_cost",
    "web_shop",
]


class NotInstalled(Exception):
    """trytond or its database could not be set up."""


def default_cache() -> Path:
    """Where trytond and its databases are kept between runs."""
    return Path.home() / ".cache" / "trueup" / f"tryton-{SERIES}"


def environment(cache: Path) -> Path:
    """The folder with trytond's Python and commands; installs them the first time, which needs a package index."""
    bin_dir = cache / "venv" / "bin"
    done = cache / f"pip-{_digest(' '.join(MODULES).encode())}.ok"
    with _only_one(cache):
        if not done.exists():
            shutil.rmtree(cache / "venv", ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(cache / "venv")])
            wanted = [f"{name}=={SERIES}.*" for name in ("trytond", "proteus")]
            wanted += [f"trytond_{name}=={SERIES}.*" for name in MODULES]
            _run([str(bin_dir / "pip"), "install", "--quiet", "--disable-pip-version-check", *wanted])
            done.touch()
    return bin_dir


def database(
    cache: Path,
    products: Sequence[tuple[str, str, str]],
    warehouses: Sequence[str],
    stock: Mapping[tuple[str, int], int],
) -> Path:
    """A database file with these products (SKU, title, price), warehouses and opening stock, built once."""
    python = environment(cache) / "python"
    plan = {
        "products": [{"sku": sku, "title": title, "price": price} for sku, title, price in products],
        "warehouses": list(warehouses),
        "stock": [
            {"sku": sku, "warehouse": index, "units": units} for (sku, index), units in sorted(stock.items())
        ],
    }
    script = SCRIPT.read_bytes()
    base = cache / f"base-{_digest(script)}.sqlite"
    world = cache / f"world-{_digest(script + json.dumps(plan, sort_keys=True).encode())}.sqlite"
    with _only_one(cache):
        if not base.exists():
            _build(python, "base", base)
        if not world.exists():
            _build(python, "world", world, start=base, plan=plan)
    return world


def _build(
    python: Path, step: str, target: Path, *, start: Path | None = None, plan: Mapping[str, Any] | None = None
) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as name:
        work = Path(name)
        (work / "admin.pass").write_text("admin-sandbox\n")
        command = [
            shutil.which("env") or "/usr/bin/env",
            *(
                f"TRYTOND_CONFIG={work / 'trytond.conf'}",
                "DB_NAME=erp",
                f"TRYTONPASSFILE={work / 'admin.pass'}",
            ),
            *(str(python), "-P", str(SCRIPT), step, str(work)),
        ]
        if start is not None:
            shutil.copyfile(start, work / "erp.sqlite")
        if plan is not None:
            (work / "world.json").write_text(json.dumps(plan))
            command.append(str(work / "world.json"))
        _run(command)
        (work / "erp.sqlite").rename(target)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    if done.returncode:
        raise NotInstalled(f"{Path(command[0]).name} failed: {done.stderr.strip()[-1500:]}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def _only_one(cache: Path) -> Iterator[None]:
    """One builder at a time, across processes."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
