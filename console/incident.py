"""An incident bundle: what happened here, for another machine to open; without a secret and without a buyer."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from console.assembly import store_for_an_errand
from console.cli.trouble import WRONG, Trouble
from console.settings import Settings
from console.support import bundle_parts, clean
from engine.front import Front
from engine.model.clock import Clock, SystemClock
from engine.model.role import Role
from engine.store.incident import Copied, copy_for_others
from engine.store.session import Store

STORE, MANIFEST = "store.db", "incident.json"
LARGEST = 8_000_000_000
"""Bytes of a store that is taken out of a bundle."""


class StoppedClock(SystemClock):
    """Stands at the moment the bundle was made, so that ages read as they did there."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        """That moment."""
        return self._at


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle that was opened."""

    store: Store
    clock: Clock
    environment: str
    told: Copied

    @property
    def desk(self) -> Front:
        """What it shows; nothing can be asked of it."""
        return Front(self.store, environment=self.environment, clock=self.clock, role=Role.VIEWER)


async def write(settings: Settings, config: Path, target: Path) -> Copied:
    """Write the bundle, readable by its owner alone. FileExistsError when the file is there; StoreTrouble."""
    parts = await bundle_parts(settings, config)
    with tempfile.TemporaryDirectory(prefix="trueup-incident-", dir=target.parent) as folder:
        copy = Path(folder) / STORE
        async with store_for_an_errand(settings) as (store, clock):
            at = clock.now()
            copied = await store.read(copy_for_others, copy, clean, clock)
        manifest = {
            "trueup": version("trueup"), "environment": settings.environment, "at": at.isoformat(),
            "sha256": _digest(copy), "copied": asdict(copied),
        }  # fmt: skip
        door = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(door, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            zipped.write(copy, STORE)
            for name, text in parts.items():
                zipped.writestr(name, clean(text))
    return copied


@contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """The bundle in a private folder that goes away with it. Trouble for a file that is none, or not whole."""
    with tempfile.TemporaryDirectory(prefix="trueup-incident-") as folder:
        copy, manifest = Path(folder) / STORE, _unpacked(file, Path(folder))
        clock = StoppedClock(datetime.fromisoformat(manifest["at"]))
        store = Store.open(f"sqlite:///{copy}", clock=clock)
        try:
            told = Copied(**manifest["copied"])
            yield Opened(store, clock, f"incident {manifest['environment']}", told)
        finally:
            store.close()


def _unpacked(file: Path, folder: Path) -> Mapping[str, Any]:
    try:
        with zipfile.ZipFile(file) as zipped:
            manifest: Mapping[str, Any] = orjson.loads(zipped.read(MANIFEST))
            if zipped.getinfo(STORE).file_size > LARGEST:
                raise Trouble(
                    f"The store in {file} is too large to open.", "Ask for a bundle of a smaller store."
                )
            with zipped.open(STORE) as packed, (folder / STORE).open("xb") as plain:
                os.fchmod(plain.fileno(), 0o600)
                while part := packed.read(1 << 20):
                    plain.write(part)
    except (OSError, zipfile.BadZipFile, KeyError, orjson.JSONDecodeError, EOFError) as odd:
        raise Trouble(
            f"{file} is no incident bundle.", "Name a file that trueup incident write made.", WRONG
        ) from odd
    if _digest(folder / STORE) != manifest.get("sha256"):
        raise Trouble(f"{file} was changed since it was made.", "Ask for it once more.")
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as opened_file:
        return hashlib.file_digest(opened_file, "sha256").hexdigest()
