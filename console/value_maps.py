"""The value maps of a connection: what its configuration gives, and what its SQL statements ask for."""

import re
from collections.abc import Mapping

from console.settings import Settings
from console.settings.back_offices import SqlSettings
from console.settings.connection import ConnectionSettings
from engine.model.wording import Wording
from engine.orders.values import Kind, ValueMaps
from engine.store.verbs.wording import wordings

ASKED_BY: Mapping[Kind, tuple[str, str]] = {
    Kind.PAYMENT: ("create_payment", "account"),
    Kind.TAX: ("create_line", "tax_codes"),
    Kind.CARRIER: ("create_line", "carrier"),
    Kind.MARKET: ("create_order", "subsidiary"),
}
"""The statement and its parameter through which a SQL back office gets each."""


def value_maps(one: ConnectionSettings) -> ValueMaps:
    """Tables by kind; an empty one where a statement asks for names and none are given, so that orders are held."""
    given = {
        Kind.PAYMENT: one.payments,
        Kind.TAX: one.taxes,
        Kind.CARRIER: one.carriers,
        Kind.MARKET: one.subsidiaries,
    }
    return {
        kind: table or {}
        for kind, table in given.items()
        if table is not None or _asked(one, *ASKED_BY[kind])
    }


async def named_by_people(settings: Settings) -> list[Wording]:
    """Names that operators gave while the engine ran; they count before the configuration's."""
    from console.assembly import store_for_an_errand

    async with store_for_an_errand(settings) as (store, _):
        return await store.read(wordings)


def _asked(one: ConnectionSettings, statement: str, parameter: str) -> bool:
    if not isinstance(one.back_office, SqlSettings):
        return False
    return re.search(rf":{parameter}\b", one.back_office.statements.get(statement, "")) is not None
