"""Secrets that the service manager or the keyring of the machine keeps, in the shape of the secrets file.

systemd hands each credential over as a file of its own (`LoadCredential=`, `LoadCredentialEncrypted=`), readable by the
service alone, in the folder that CREDENTIALS_DIRECTORY names: systemd.exec(5). A keyring holds them as passwords of one
service. Both name a secret by its table and its key: `main.shop_access_token`, `store.password`, `targets.ops`.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from console.settings.secrets import STORE, TARGET_KEYS, TARGETS, ConnectionSecrets
from console.settings.trouble import SettingsTrouble

Tables = dict[str, dict[str, str]]
LARGEST = 1 << 20
"""Bytes of a credential; systemd takes no larger one."""


def credentials() -> Tables:
    """What systemd handed over; files with other names are other services' business."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    found: Tables = {}
    for file in sorted(Path(folder).iterdir()) if folder and Path(folder).is_dir() else ():
        table, dot, key = file.name.rpartition(".")
        if dot and table and file.is_file():
            found.setdefault(table, {})[key] = _text(file)
    return found


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise SettingsTrouble(f"The credential {file.name} is too large.", "Give the secret alone.")
        return file.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsTrouble(
            f"The credential {file.name} cannot be read as text.", "Check LoadCredential= of the unit."
        ) from error


def keyring(service: str, connections: Iterable[str], channels: Iterable[str]) -> Tables:
    """What the machine's keyring holds for this service; SettingsTrouble when there is no keyring to ask."""
    try:
        from keyring import get_password
        from keyring.errors import KeyringError
    except ImportError as error:
        raise SettingsTrouble(
            "secrets_keyring is set, and the package keyring is not installed.",
            "Install it beside TrueUp (pip install keyring), or take out secrets_keyring.",
        ) from error
    names = [(one, key) for one in connections for key in ConnectionSecrets.model_fields if key != "password"]
    names += [(STORE, "password"), *((table, one) for table in (TARGETS, TARGET_KEYS) for one in channels)]
    found: Tables = {}
    try:
        for table, key in names:
            secret = get_password(service, f"{table}.{key}")
            if secret is not None:
                found.setdefault(table, {})[key] = secret
    except KeyringError as error:
        raise SettingsTrouble(
            f"The keyring cannot be asked: {type(error).__name__}.",
            "Unlock it, or give the secrets by a file or the environment.",
        ) from error
    return found


def over(below: Mapping[str, Any], above: Tables) -> dict[str, Any]:
    """Tables of secrets, those of `above` counting before those of `below`."""
    tables = {name: dict(table) if isinstance(table, Mapping) else table for name, table in below.items()}
    for name, table in above.items():
        mine = tables.setdefault(name, {})
        if isinstance(mine, dict):
            mine.update(table)
    return tables
