"""Who else could read or change what TrueUp lives by: its configuration, its database, and the folders they are in."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from console.settings import Settings, SettingsTrouble


@dataclass(frozen=True, slots=True)
class Loose:
    """Something that others may do and should not."""

    cause: str
    remedy: str
    grave: bool
    """Nothing is started while it is so; otherwise `trueup check` says it."""


def refuse_loose(settings: Settings, config: Path) -> None:
    """Raise SettingsTrouble for the first grave thing."""
    for each in loose(settings, config):
        if each.grave:
            raise SettingsTrouble(each.cause, each.remedy)


def loose(settings: Settings, config: Path) -> Iterator[Loose]:
    """Everything, the gravest kinds first."""
    config = config.resolve()
    database = database_of(settings)
    files = [config, *([database] if database and database.exists() else [])]
    for folder in dict.fromkeys(file.parent for file in files):
        yield from _folder(folder)
    yield from _owned(files)
    if config.exists():
        mode = stat.S_IMODE(config.stat().st_mode)
        if mode & 0o022:
            yield Loose(
                f"Others can change the configuration {config} (mode {mode:04o}).",
                f"Run: chmod 600 {config}",
                True,
            )
        elif mode & 0o044:
            yield Loose(
                f"Others can read the configuration {config} (mode {mode:04o}).",
                f"Run: chmod 600 {config}",
                False,
            )
    if database and database.exists():
        mode = stat.S_IMODE(database.stat().st_mode)
        if mode & 0o077:
            cause = (
                f"Others can read the database {database} (mode {mode:04o}); it holds addresses of buyers."
            )
            yield Loose(cause, f"Run: chmod 600 {database}*", True)
    if os.geteuid() == 0:
        yield Loose(
            "TrueUp runs as root; nothing it does needs that.",
            "Run it as a user of its own; see docs/install.md.",
            False,
        )


def database_of(settings: Settings) -> Path | None:
    """The file of the store; None when it is on a server."""
    url = make_url(settings.store.url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _folder(folder: Path) -> Iterator[Loose]:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o022 and not mode & stat.S_ISVTX:
        yield Loose(
            f"Others can replace files in {folder} (mode {mode:04o}).", f"Run: chmod 700 {folder}", True
        )


def _owned(files: list[Path]) -> Iterator[Loose]:
    for file in files:
        owner = file.stat().st_uid if file.exists() else os.geteuid()
        if owner not in (os.geteuid(), 0):
            yield Loose(
                f"{file} belongs to another user (id {owner}).",
                f"Run TrueUp as that user, or: chown {os.geteuid()} {file}",
                True,
            )
