"""A directory in which `trueup` can start: a configuration, and a store that another engine seems to look after."""

import os
import sys
from datetime import timedelta
from pathlib import Path

from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.lease import acquire

CONFIG = """
environment = "bench"
[store]
url = "sqlite:///trueup.db"
[listener]
port = 0
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "http://127.0.0.1:9"
[connections.back_office]
kind = "sql"
url = "sqlite:///nowhere.db"
[connections.back_office.statements]
[connections.locations]
"gid://shopify/Location/1" = "WH1"
"""


def settle(directory: Path) -> Path:
    """Write the configuration, create the store and hold the lease for an hour; the configuration's path."""
    clock = SystemClock()
    store = Store.open(f"sqlite:///{directory / 'trueup.db'}", clock=clock)
    store.write_sync(acquire, "main", "bench", timedelta(hours=1).total_seconds(), clock.now())
    store.close()
    config = directory / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return config


def console(config: Path) -> tuple[list[str], dict[str, str]]:
    """Command line and environment of the console, which keeps its files in that directory."""
    program = str(Path(sys.executable).with_name("trueup"))
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(config.parent)}
    return [program, "--config", str(config)], env
