"""A first configuration: what must be known, written so that only its owner can read it, and tried."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from console.assembly import shop
from console.back_offices import back_office
from console.settings import Settings, load
from console.settings.back_offices import BackOfficeSettings
from console.settings.secrets import ConnectionSecrets
from console.toml_text import quoted, table
from engine.model.clock import SystemClock
from engine.ports import Place

SHOP_SECRETS = ("shop_access_token", "shop_webhook_secret")
OFFICE_SECRETS: Mapping[str, tuple[str, ...]] = {
    "sql": (),
    "tryton": ("back_office_password",),
    "odoo": ("back_office_key",),
    "netsuite": (
        "back_office_client_id", "back_office_client_secret", "back_office_token_id", "back_office_token_secret",
    ),
    "cin7_core": ("back_office_key",),
    "unleashed": ("back_office_key",),
    "cin7_omni": ("back_office_key",),
}  # fmt: skip
"""What each kind of back office cannot be reached without."""
OPTIONAL = frozenset({"shop_webhook_secret"})


@dataclass(frozen=True, slots=True)
class Field:
    """Something to ask for."""

    name: str
    about: str
    needed: bool = True


def kinds() -> dict[str, type[BaseModel]]:
    """Every kind of back office with its settings."""
    models: Sequence[type[BaseModel]] = get_args(get_args(BackOfficeSettings)[0])
    return {str(get_args(model.model_fields["kind"].annotation)[0]): model for model in models}


def asked_of(kind: str) -> list[Field]:
    """Settings of a kind that have no default and are one value."""
    return [
        Field(name, (field.description or "").partition("\n")[0])
        for name, field in kinds()[kind].model_fields.items()
        if name not in ("kind", "statements")
        and field.default is PydanticUndefined
        and field.default_factory is None
    ]


def secrets_of(kind: str) -> list[Field]:
    """Secrets of a connection with such a back office."""
    fields = ConnectionSecrets.model_fields
    return [
        Field(name, (fields[name].description or ""), name not in OPTIONAL)
        for name in (*SHOP_SECRETS, *OFFICE_SECRETS[kind])
    ]


@dataclass
class Beginning:
    """What was answered."""

    environment: str
    connection: str
    shop_url: str
    kind: str
    office: dict[str, Any]
    """Settings of the back office."""
    secrets: dict[str, str]
    public_url: str = ""
    locations: dict[str, str] = field(default_factory=dict)

    def config(self) -> str:
        """config.toml."""
        head = [f"environment = {quoted_value(self.environment)}", 'secrets_file = "secrets.toml"', ""]
        listener = {"public_url": self.public_url} if self.public_url else {}
        tables = [
            table("store", {"url": "sqlite:///trueup.db"}),
            table("listener", {"host": "127.0.0.1", "port": 8470, **listener}),
            table("log", {"level": "INFO", "file": "trueup.log"}),
            f"[[connections]]\nname = {quoted_value(self.connection)}\n",
            table("connections.shop", {"kind": "shopify", "url": self.shop_url}),
            table("connections.back_office", {"kind": self.kind, **self.office}),
            "# Shop location = warehouse; a location that is not named is never written to.",
            table("connections.locations", self.locations),
        ]
        return "\n".join([*head, *tables])

    def secrets_text(self) -> str:
        """secrets.toml."""
        return table(quoted(self.connection), {name: value for name, value in self.secrets.items() if value})


def quoted_value(text: str) -> str:
    """A string as TOML reads it."""
    from json import dumps

    return dumps(text)


def write(one: Beginning, config: Path) -> None:
    """Both files, mode 0600; FileExistsError when one is there already. The second never without the first."""
    for path, text in ((config.with_name("secrets.toml"), one.secrets_text()), (config, one.config())):
        door = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(door, "w", encoding="utf-8") as file:
            file.write(text)


async def places(one: Beginning) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Locations and warehouses, asked with what was answered; raises Failure or SettingsTrouble when that fails."""
    with tempfile.TemporaryDirectory(prefix="trueup-init-") as folder:
        draft = Path(folder) / "config.toml"
        write(replace(one, locations=one.locations or {"not known yet": "not known yet"}), draft)
        settings = load(draft)
    return await _listed(settings)


async def _listed(settings: Settings) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    [connection] = settings.connections
    clock = SystemClock()
    front = shop(settings, connection, clock)
    try:
        back = back_office(settings, connection, clock)
        try:
            return await front.locations(), await back.warehouses()
        finally:
            await back.aclose()
    finally:
        await front.aclose()


def same_name(location: Place, warehouses: Sequence[Place]) -> Place | None:
    """The one warehouse called as the location is; a suggestion, never a decision."""
    found = [one for one in warehouses if one.active and one.name.casefold() == location.name.casefold()]
    return found[0] if len(found) == 1 else None
