"""A support bundle: what somebody else needs to understand this TrueUp, without a secret and without a buyer.

Everything passes `hide`, and what looks like an e-mail address is taken out; orders, documents and the details of the
ledger stay at home.
"""

import os
import platform
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import distributions, version
from pathlib import Path

import orjson

from console import checks
from console.assembly import store_for_an_errand
from console.settings import Settings
from engine.model.hidden import hide
from engine.store.queries.measures import measures
from engine.store.queries.notices import notices
from engine.store.queries.pulse import pulse
from engine.store.trouble import StoreTrouble
from engine.store.verbs import ledger

EMAIL = re.compile(r"[^\s\"'<>(),;:]+@[^\s\"'<>(),;:]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"(?<![\w.:-])\+\d[\d ()/-]{7,}\d")
LOG_TAIL = 2_000_000
"""Bytes."""
LINES = 5_000
"""Of the ledger."""


async def bundle(settings: Settings, config: Path, target: Path) -> list[str]:
    """Write the bundle, readable by its owner alone; the names of what is in it. FileExistsError when it is there."""
    parts = await bundle_parts(settings, config)
    door = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(door, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in parts.items():
            zipped.writestr(name, clean(text))
    return list(parts)


async def bundle_parts(settings: Settings, config: Path) -> dict[str, str]:
    """What is in it by name, to be cleaned before it is written."""
    return {
        "versions.json": _json(_versions()),
        "config.json": _json(settings.model_dump(mode="json", exclude={"secrets", "targets", "target_keys"})),
        "check.json": _json([asdict(each) for each in await checks.check(settings, config)]),
        **await _of_store(settings),
        "log.txt": _log(settings),
    }


def clean(text: str) -> str:
    """Without secrets, addresses of e-mail and telephone numbers."""
    return PHONE.sub("‹phone›", EMAIL.sub("‹e-mail›", hide(text)))


async def _of_store(settings: Settings) -> dict[str, str]:
    """What the database says of itself; why not, when it cannot be asked."""
    try:
        async with store_for_an_errand(settings) as (store, clock):
            now = clock.now()
            lines = await store.read(ledger.tail, LINES)
            return {
                "measures.json": _json(await store.read(measures, now)),
                "pulse.json": _json(await store.read(pulse, me=None, now=now)),
                "alerts.json": _json(
                    [asdict(each) for each in await store.read(notices, over=True, limit=500)]
                ),
                "ledger.json": _json([{**asdict(each), "detail": ""} for each in lines]),
            }
    except StoreTrouble as trouble:
        return {"database.txt": f"{trouble.cause} {trouble.remedy}"}


def _versions() -> Mapping[str, object]:
    return {
        "trueup": version("trueup"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {each.name: each.version for each in sorted(distributions(), key=lambda one: one.name)},
    }


def _log(settings: Settings) -> str:
    """The end of the log file."""
    if settings.log.file is None or not settings.log.file.exists():
        return "The log goes to stderr; see journalctl.\n"
    with settings.log.file.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL))
        return file.read().decode("utf-8", "replace")


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode()
