"""Builds the back office of a connection: the one place that knows all of them by name."""

from typing import assert_never

from pydantic import SecretStr

from console.settings import Settings, SettingsTrouble
from console.settings.back_offices import OdooSettings, SqlSettings, TrytonSettings
from console.settings.connection import ConnectionSettings
from engine.model.clock import Clock
from engine.ports import BackOffice


def back_office(settings: Settings, one: ConnectionSettings, clock: Clock) -> BackOffice:
    """The back office of a connection; SettingsTrouble when a secret it needs is not set."""
    secrets, described = settings.secrets_of(one.name), one.back_office
    match described:
        case SqlSettings():
            from adapters.sql.back_office import SqlBackOffice

            events = secrets.back_office_webhook_secret is not None
            return SqlBackOffice(described.url, described.statements, clock=clock, events=events)
        case TrytonSettings():
            from adapters.tryton.back_office import TrytonBackOffice

            return TrytonBackOffice(
                str(described.url).rstrip("/"),
                database=described.database,
                user=described.user,
                password=_needed(one, "password", secrets.back_office_password),
                web_shop=described.web_shop,
                clock=clock,
            )
        case OdooSettings():
            from adapters.odoo.back_office import OdooBackOffice
            from adapters.odoo.selling import terms

            return OdooBackOffice(
                str(described.url).rstrip("/"),
                database=described.database,
                user=described.user,
                key=_needed(one, "key", secrets.back_office_key),
                protocol=described.protocol,
                terms=terms(described.products, described.pricelists),
                clock=clock,
            )
        case _ as never:
            assert_never(never)


def _needed(one: ConnectionSettings, name: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise SettingsTrouble(
            f"The {name} of the back office of {one.name!r} is not set.",
            f"Set TRUEUP_SECRETS__{one.name.upper()}__BACK_OFFICE_{name.upper()} or add it to the secrets file.",
        )
    return secret.get_secret_value()
