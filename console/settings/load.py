"""Reads the configuration and says in one sentence what is wrong with it."""

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr, ValidationError

from console.settings import secrets
from console.settings.back_offices import SqlSettings
from console.settings.connection import ConnectionSettings
from console.settings.credentials import credentials, keyring, over
from console.settings.model import PREFIX, Settings
from console.settings.names import say
from console.settings.trouble import SettingsTrouble
from engine.model.hidden import conceal

NOT_SETTINGS = frozenset({"TRUEUP_OPERATOR"})
"""Variables of ours that the command line reads."""


def load(path: Path) -> Settings:
    """The settings in `path`, the environment over it, with relative paths made absolute beside the file."""
    raw = _table(path)
    secrets.refuse_in(raw, path)
    _refuse_strange_variables()
    folder = path.resolve().parent
    named = os.environ.get(f"{PREFIX}SECRETS_FILE", raw.get("secrets_file"))
    told = secrets.read_file(folder / named) if isinstance(named, str) else {}
    service = os.environ.get(f"{PREFIX}SECRETS_KEYRING", raw.get("secrets_keyring"))
    if isinstance(service, str) and service:
        told = over(told, keyring(service, _names(raw, "connections"), _names(raw, "channels")))
    if told := over(told, credentials()):
        raw |= _by_owner(told)
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        raise say(error, path) from error
    _refuse_orphans(settings)
    _conceal(settings)
    return _at_home(settings, folder)


def _conceal(settings: Settings) -> None:
    """Whatever is said from now on holds none of the secrets."""
    given = [*settings.targets.values(), *settings.target_keys.values()]
    for owner in settings.secrets.values():
        given += [value for _, value in owner if isinstance(value, SecretStr)]
    for secret in given:
        conceal(secret.get_secret_value())


def _by_owner(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables of the secrets file: those of channels, and those of connections."""
    channels = {name: tables.pop(name, {}) for name in (secrets.TARGETS, secrets.TARGET_KEYS)}
    return {**channels, "secrets": tables}


def _names(raw: dict[str, Any], table: str) -> list[str]:
    """Names of connections or channels, as far as they can be told before the file is judged."""
    rows = raw.get(table)
    return (
        [str(row["name"]) for row in rows if isinstance(row, dict) and "name" in row]
        if isinstance(rows, list)
        else []
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsTrouble(
            f"There is no configuration at {path}.",
            "Run trueup init to make one, copy config.example.toml there, or name another with --config.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsTrouble(
            f"{path} cannot be read.", "Check that it is a text file you may read."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsTrouble(f"{path} is not valid TOML: {error}.", "Correct that line.") from error


def _refuse_strange_variables() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and name.partition("__")[0] not in known:
            raise SettingsTrouble(
                f"The environment variable {name} is not one of ours.", "Correct its name or unset it."
            )
        if name.partition("__")[0] == f"{PREFIX}ROLES":
            raise SettingsTrouble(
                f"The environment variable {name} would give roles.",
                "Unset it: roles are given in the configuration file alone.",
            )


def _refuse_orphans(settings: Settings) -> None:
    names = {connection.name for connection in settings.connections} | {secrets.STORE}
    for name in settings.secrets.keys() - names:
        raise SettingsTrouble(
            f"There are secrets for {name!r}, but no connection of that name.",
            f"Name them after one of: {', '.join(sorted(names))}.",
        )
    channels = {channel.name for channel in settings.channels}
    for name in sorted((settings.targets.keys() | settings.target_keys.keys()) - channels):
        raise SettingsTrouble(
            f"There is a target for {name!r}, but no channel of that name.",
            "Name it after a channel, or take it out of the secrets.",
        )


def _at_home(settings: Settings, folder: Path) -> Settings:
    store = settings.store.model_copy(
        update={"url": _url(settings.store.url, folder, settings.secrets_of(secrets.STORE).password)}
    )
    log = settings.log.model_copy(update={"file": folder / settings.log.file if settings.log.file else None})
    connections = tuple(_connection(one, settings, folder) for one in settings.connections)
    return settings.model_copy(update={"store": store, "log": log, "connections": connections})


def _connection(one: ConnectionSettings, settings: Settings, folder: Path) -> ConnectionSettings:
    if not isinstance(one.back_office, SqlSettings):
        return one
    url = _url(one.back_office.url, folder, settings.secrets_of(one.name).back_office_password)
    return one.model_copy(update={"back_office": one.back_office.model_copy(update={"url": url})})


def _url(url: str, folder: Path, password: SecretStr | None) -> str:
    scheme, found, rest = url.partition(":///")
    if found and scheme.startswith("sqlite"):
        return url if not rest or rest.startswith(":") else f"{scheme}:///{folder / rest}"
    scheme, found, rest = url.partition("://")
    user, at, host = rest.partition("@")
    if password is None or not at:
        return url
    return f"{scheme}://{user}:{quote(password.get_secret_value(), safe='')}@{host}"
