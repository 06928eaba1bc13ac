"""Secrets: from the environment or from a file only its owner can read, never from the configuration itself."""

import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from console.settings.part import Part
from console.settings.trouble import SettingsTrouble

STORE = "store"
"""The table of the secrets file that belongs to our own store, not to a connection."""

TARGETS, TARGET_KEYS = "targets", "target_keys"
"""Tables of the secrets file that belong to channels: name = address, and name = signing key."""


class ConnectionSecrets(Part):
    """The secrets of one connection, or of the store (which uses `password` alone)."""

    shop_access_token: SecretStr | None = None
    """Admin API access token of a custom app."""
    shop_client_id: SecretStr | None = None
    """Client id, when the app takes its tokens by client credentials."""
    shop_client_secret: SecretStr | None = None
    """Client secret that goes with the client id."""
    shop_webhook_secret: SecretStr | None = None
    """Key that signs the shop's webhooks (the client secret when not given)."""
    shop_webhook_secret_previous: SecretStr | None = None
    """The key before the last rotation; still accepted."""
    back_office_password: SecretStr | None = None
    """Password of the back office user or of its database."""
    back_office_key: SecretStr | None = None
    """Application key of the back office user, instead of a password."""
    back_office_client_id: SecretStr | None = None
    """Consumer key (or client id) of the integration record, where the back office has one."""
    back_office_client_secret: SecretStr | None = None
    """Consumer secret that goes with it."""
    back_office_token_id: SecretStr | None = None
    """Access token id, for token-based authentication."""
    back_office_token_secret: SecretStr | None = None
    """Access token secret that goes with it."""
    back_office_certificate_id: SecretStr | None = None
    """Id the back office gave to our certificate, instead of a token."""
    back_office_private_key: SecretStr | None = None
    """Private key of that certificate, as PEM text."""
    back_office_webhook_secret: SecretStr | None = None
    """Key that signs the back office's webhooks (Standard Webhooks, `whsec_…`; Unleashed shows its own once)."""
    back_office_webhook_secret_previous: SecretStr | None = None
    """The key before the last rotation; still accepted."""
    back_office_webhook_path: SecretStr | None = Field(default=None, min_length=24)
    """Last part of the address of webhooks that the back office does not sign; at least 24 characters by chance."""
    back_office_webhook_path_previous: SecretStr | None = Field(default=None, min_length=24)
    """The path before the last rotation; still accepted."""
    password: SecretStr | None = None
    """Password of our own PostgreSQL store; only in the table `store`."""


_WORDS = {name.removeprefix("shop_").removeprefix("back_office_") for name in ConnectionSecrets.model_fields}
NAMES = frozenset(
    _WORDS | set(ConnectionSecrets.model_fields) | {"secrets", "token", "secret", TARGETS, TARGET_KEYS}
)
"""Keys that may not stand in the configuration file, in any table."""


def read_file(path: Path) -> dict[str, Any]:
    """The secrets file as tables; refused when anybody but its owner can read it."""
    if not path.exists():
        raise SettingsTrouble(
            f"The secrets file {path} does not exist.",
            "Create it, readable by its owner alone, or take out secrets_file.",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SettingsTrouble(
            f"Others can read the secrets file {path} (mode {mode:04o}).", f"Run: chmod 600 {path}"
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsTrouble(
            f"The secrets file {path} is not valid TOML.", "Check its quotes and brackets."
        ) from error


def refuse_in(raw: Mapping[str, Any], path: Path) -> None:
    """Refuse a configuration file that holds a secret."""
    for key in _secret_keys(raw, ""):
        raise SettingsTrouble(
            f"{key} is a secret and stands in {path}.",
            "Move it to the secrets file (mode 0600) or to a TRUEUP_SECRETS__… variable, then change it at its source.",
        )


def _secret_keys(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{where}.{key}" if where else str(key)
            if str(key).lower() in NAMES:
                yield here
            elif str(key) not in {"statements", "locations"}:
                yield from _secret_keys(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from _secret_keys(inner, where)
    elif isinstance(value, str) and _password_in(value):
        yield where


def _password_in(url: str) -> bool:
    _, found, rest = url.partition("://")
    authority = rest.partition("/")[0]
    user, at, _ = authority.rpartition("@")
    return bool(found and at and ":" in user)
