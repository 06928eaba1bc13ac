"""`trueup check`: everything that must hold before the first record is moved, each with the remedy when it does not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from adapters.shopify.storefront import ShopifyStorefront
from console import preflight
from console.assembly import engine_elsewhere, neighbours, shop, sisters, store_for_an_errand
from console.back_offices import address, back_office
from console.check_line import CheckLine
from console.database_tls import database_tls
from console.settings import Settings, SettingsTrouble
from console.settings.back_offices import SqlSettings
from console.settings.connection import ConnectionSettings
from console.value_maps import value_maps
from engine.delivery.tiers import meaning
from engine.model.clock import SystemClock
from engine.model.entry import EntryKind
from engine.model.failure import Failure
from engine.orders.values import WORDS, Kind
from engine.ports import BackOffice, Capabilities, Place, Probed
from engine.products.checking import findings
from engine.products.fields import AT, SYNCED
from engine.products.guard import writable
from engine.products.ownership import Scope
from engine.store.trouble import StoreTrouble

NEEDED_SCOPES = frozenset(
    {
        "read_orders", "write_orders", "read_products", "read_inventory", "write_inventory", "read_locations",
        "read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders",
    }
)  # fmt: skip
"""Access scopes of the operations we send (Shopify names them per field in its schema)."""
FOR_MARKETS = frozenset({"write_products", "read_markets"})
"""Access scopes needed beside them where a rule of [ownership] speaks of the prices of a market."""
FOR_DRAFTS = frozenset({"write_products"})
"""The one needed where products are made of articles that the shop lacks."""
IMPLIED = frozenset({name.replace("write_", "read_") for name in NEEDED_SCOPES if name.startswith("write_")})
"""Reading is part of writing; Shopify may list both."""


async def check(settings: Settings, config: Path | None = None) -> list[CheckLine]:
    """All checks, in the order in which an operator would mend them; `config` is the file they came from."""
    lines = await asyncio.to_thread(preflight.machine, settings, config)
    stored, running = await _store(settings)
    lines += [*stored, *preflight.channels(settings, SystemClock())]
    lines += await preflight.reached(settings, running=running)
    for one in settings.connections:
        lines += await _connection(settings, one)
    return lines


async def _store(settings: Settings) -> tuple[list[CheckLine], bool]:
    """The database and its disk, and whether an engine works on it."""
    try:
        async with store_for_an_errand(settings) as (store, _):
            running = await engine_elsewhere(settings, store)
            at_work = ", an engine works on it" if running else ""
            said = CheckLine(True, "store", f"{store.dialect}, tables up to date{at_work}")
            encrypted = database_tls("store TLS", settings.store.url, {})
            return [said, *encrypted, *preflight.disk(store)], running
    except StoreTrouble as trouble:
        return [CheckLine(False, "store", trouble.cause, trouble.remedy)], False


async def _connection(settings: Settings, one: ConnectionSettings) -> list[CheckLine]:
    clock = SystemClock()
    try:
        front = shop(settings, one, clock)
        back = back_office(settings, one, clock)
    except (Failure, SettingsTrouble) as trouble:
        return [CheckLine(False, f"{one.name}: settings", trouble.cause, trouble.remedy)]
    try:
        return [
            *await preflight.tls(f"{one.name}: shop TLS", str(one.shop.url), clock.now()),
            *await preflight.tls(f"{one.name}: back office TLS", address(one.back_office), clock.now()),
            *_database_tls(one),
            *await _asked(f"{one.name}: shop", lambda: _shop(settings, one, front)),
            *await _asked(f"{one.name}: back office", lambda: _back_office(settings, one, back)),
        ]
    finally:
        await front.aclose()
        await back.aclose()


def _database_tls(one: ConnectionSettings) -> list[CheckLine]:
    office = one.back_office
    if not isinstance(office, SqlSettings):
        return []
    return database_tls(f"{one.name}: back office TLS", office.url, office.connect)


async def _asked(name: str, ask: Callable[[], Awaitable[list[CheckLine]]]) -> list[CheckLine]:
    try:
        return await ask()
    except Failure as failure:
        return [CheckLine(False, name, failure.cause, failure.remedy)]


async def _shop(settings: Settings, one: ConnectionSettings, front: ShopifyStorefront) -> list[CheckLine]:
    scopes, markets = await front.scopes(), settings.ownership.whole.markets(one.name)
    needed = NEEDED_SCOPES | (FOR_MARKETS if markets else frozenset())
    needed |= FOR_DRAFTS if one.new_products == "draft" else frozenset()
    missing = sorted(needed - scopes)
    lines = [
        CheckLine(True, f"{one.name}: scopes", f"{len(needed)} needed, all granted")
        if not missing
        else CheckLine(
            False,
            f"{one.name}: scopes",
            f"The token lacks {', '.join(missing)}.",
            "Grant them to the app in Shopify and install it again.",
        )
    ]
    lines += preflight.beyond(one.name, sorted(scopes - needed - IMPLIED))
    lines.append(preflight.clocks(one.name, await front.now(), SystemClock().now()))
    lines += _places(f"{one.name}: locations", set(one.locations), await front.locations(), "location")
    return lines if missing or not markets else lines + await _markets(f"{one.name}: markets", markets, front)


async def _markets(name: str, markets: Sequence[str], front: ShopifyStorefront) -> list[CheckLine]:
    """Whether every market that a rule names has a price list of its own."""
    found = await front.read_prices(markets, ())
    if found.missing:
        remedy = (
            "Give the market a catalogue with a price list in Shopify, or take it out of [[ownership.rules]]."
        )
        return [CheckLine(False, name, why, remedy) for why in found.missing.values()]
    told = ", ".join(f"{market} in {currency}" for market, currency in sorted(found.currencies.items()))
    return [CheckLine(True, name, f"price lists: {told}")]


async def _back_office(settings: Settings, one: ConnectionSettings, back: BackOffice) -> list[CheckLine]:
    able = back.capabilities
    how = "events and polls" if able.events else "polls"
    lines = [
        CheckLine(True, f"{one.name}: back office", f"{able.name}, {how}; tier {able.tier}: {meaning(able)}"),
        CheckLine(True, f"{one.name}: money", _money(able)),
    ]
    if shared := [sister.name for sister in sisters(settings, one)]:
        text = f"the same as that of {', '.join(shared)}: what one shop sells is taken off the others"
        lines.append(CheckLine(True, f"{one.name}: shared", text))
    if beside := [each.name for each in neighbours(settings, one)]:
        text = f"so do {', '.join(beside)}; each order is booked by the back office its goods leave from"
        lines.append(CheckLine(True, f"{one.name}: serves a part of its shop", text))
    named = {warehouse for behind in one.locations.values() for warehouse in behind}
    lines += _places(f"{one.name}: warehouses", named, await back.warehouses(), "warehouse")
    lines.append(_values(one))
    lines += _ownership(settings, one, able.reads)
    return lines + await _asked(f"{one.name}: rights", lambda: _probed(one, back))


def _money(able: Capabilities) -> str:
    """What of the money that moves after booking is entered by TrueUp, and what by people."""
    ours = [f"{kind.value.replace('_', ' ')}s" for kind in EntryKind if kind in able.posts]
    theirs = [f"{kind.value.replace('_', ' ')}s" for kind in EntryKind if kind not in able.posts]
    said = [f"TrueUp enters {', '.join(ours)}"] if ours else []
    said += ["invoices what has left"] if able.bills else []
    said += [f"a person enters {', '.join(theirs)}"] if theirs else []
    return "; ".join(said)


def _ownership(settings: Settings, one: ConnectionSettings, reads: frozenset[str]) -> list[CheckLine]:
    """Who owns which field of a product, and whether the back office can tell what it is to write."""
    name, rules = f"{one.name}: ownership", settings.ownership.plain
    if wrong := findings(rules, reads, one.name):
        return [CheckLine(False, name, each.cause, each.remedy) for each in wrong]
    told = [field for field in SYNCED if field in reads] + sorted(field for field in reads if AT in field)
    if one.new_products == "draft" and not (
        told and writable(settings.ownership.whole, "sku", Scope(one.name))
    ):
        cause = (
            'new_products = "draft" makes products whose SKU the back office could not write.'
            if told
            else 'new_products = "draft" is set, and the back office tells nothing of its products.'
        )
        return [CheckLine(False, name, cause, 'Give sku to the back office, or set new_products = "leave".')]
    own = len([rule for rule in rules if not rule.shops or one.name in rule.shops])
    text = (
        f"the back office tells {', '.join(told)}" if told else "the back office tells no field of products"
    )
    return [CheckLine(True, name, f"{text}; {own} rules of your own")]


def _values(one: ConnectionSettings) -> CheckLine:
    """Which of Shopify's names the back office has its own words for."""
    name, given = f"{one.name}: values", value_maps(one)
    for kind, table in given.items():
        if empty := sorted(shown for shown, theirs in table.items() if not theirs.strip()):
            cause = f"[connections.{kind}] gives no name for {empty[0]!r}."
            return CheckLine(False, name, cause, "Give the back office's name, or take the line out.")
        if not table:
            cause = f"The statements use what [connections.{kind}] names, and the table is empty or missing."
            return CheckLine(False, name, cause, f"Name every {WORDS[kind]} of the shop in that table.")
    named = [f"{kind} {len(table)}" for kind, table in given.items()]
    told = [kind.value for kind in Kind if kind not in given]
    text = ", ".join(named) or "none mapped"
    return CheckLine(True, name, text + (f"; told by Shopify's names: {', '.join(told)}" if told else ""))


async def _probed(one: ConnectionSettings, back: BackOffice) -> list[CheckLine]:
    """What the back office itself can be asked about our rights and what must be set up there."""
    if not isinstance(back, Probed):
        return []
    missing = [
        CheckLine(False, f"{one.name}: {name}", cause, remedy) for name, cause, remedy in await back.probe()
    ]
    return missing or [
        CheckLine(True, f"{one.name}: rights", "all that are needed, and the items for charges")
    ]


def _places(name: str, mapped: set[str], listed: tuple[Place, ...], word: str) -> list[CheckLine]:
    known = {place.id: place for place in listed}
    lines = [
        CheckLine(
            False,
            name,
            f"There is no {word} {place}.",
            f"Correct it under locations in the configuration; known: {', '.join(sorted(known)) or 'none'}.",
        )
        for place in sorted(mapped - known.keys())
    ]
    unmapped = [place.name for place in listed if place.active and place.id not in mapped]
    note = f"{len(mapped)} mapped" + (f", left alone: {', '.join(unmapped)}" if unmapped else "")
    return lines or [CheckLine(True, name, note)]
