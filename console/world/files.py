"""The files a world leaves for TrueUp and for `trueup sandbox report`."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from console.toml_text import table
from console.world.remotes import Json, Remote

CONFIG, SECRETS, WORLD = "config.toml", "secrets.toml", "world.json"
CONNECTION = "main"
RHYTHM = {"delta_seconds": 1.0, "orders_poll_seconds": 4.0, "sweep_seconds": 15.0, "listing_lag_seconds": 1.5}
"""Quicker than in earnest: a world lives for seconds, and its shop lists orders at once."""
OPENING_SECONDS = 8.0
"""How long until TrueUp has agreed on every cell for the first time: one at which nobody acts."""


def write_settings(
    directory: Path, shop: Remote, erp: Remote, *, port: int, locations: Mapping[str, str], since: datetime
) -> Path:
    """config.toml and, readable by its owner alone, secrets.toml; the path of the first."""
    address = f"http://127.0.0.1:{port}"
    tables = [
        'environment = "demo"\nsecrets_file = "secrets.toml"\n',
        '[store]\nurl = "sqlite:///trueup.db"\n',
        table("listener", {"host": "127.0.0.1", "port": port, "public_url": address}),
        table("engine", {**RHYTHM, **erp.rhythm}),
        '[log]\nlevel = "INFO"\nfile = "trueup.log"\n',
        f'[[connections]]\nname = "{CONNECTION}"\norders_since = {since.isoformat()}\n',
        table("connections.shop", shop.settings),
        table("connections.back_office", erp.settings),
        table("connections.locations", locations),
    ]
    secrets = directory / SECRETS
    secrets.unlink(missing_ok=True)
    secrets.touch(mode=0o600)
    secrets.write_text(table(CONNECTION, {**shop.secrets, **erp.secrets}), encoding="utf-8")
    config = directory / CONFIG
    config.touch(mode=0o600)
    config.write_text("\n".join(tables), encoding="utf-8")
    return config


def write_world(directory: Path, facts: Json) -> None:
    """world.json, whole or not at all."""
    draft = directory / f"{WORLD}.draft"
    draft.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    draft.replace(directory / WORLD)


def read_world(directory: Path) -> Json | None:
    """world.json, or None when no world was started there."""
    try:
        return dict(json.loads((directory / WORLD).read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
