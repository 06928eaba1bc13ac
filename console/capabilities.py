"""The table of what each back office can do, from the adapters' own Capabilities: `python -m console.capabilities`.

Run it after a change of an adapter; a test compares docs/back-offices/README.md with it.
"""

from pathlib import Path
from typing import Any

from adapters.sql.sandbox.statements import STATEMENTS
from console.back_offices import back_office
from console.settings import Settings
from engine.model.clock import SystemClock
from engine.model.entry import EntryKind
from engine.ports import Amends, Capabilities, Tier
from engine.products.fields import FIELDS

PAGE = Path(__file__).parents[1] / "docs" / "back-offices" / "README.md"
NAMES = {
    "cin7_core": "Cin7 Core (DEAR)",
    "cin7_omni": "Cin7 Omni",
    "netsuite": "NetSuite",
    "odoo": "Odoo 17 to 19",
    "sql": "a custom system (SQL)",
    "tryton": "Tryton 8.2",
    "unleashed": "Unleashed",
}
SAMPLES: dict[str, dict[str, Any]] = {
    "cin7_core": {"account": "1234567", "customer": "Shopify"},
    "cin7_omni": {"user": "BrandUS"},
    "netsuite": {"account": "1234567"},
    "odoo": {"url": "https://example.com", "database": "brand", "user": "trueup"},
    "sql": {"url": "sqlite:///erp.db", "statements": dict(STATEMENTS)},
    "tryton": {"url": "https://example.com", "database": "brand", "user": "trueup", "web_shop": "Shopify"},
    "unleashed": {"api_id": "5b3c2f1e", "customer": "SHOPIFY"},
}
MONEY: dict[str, dict[str, Any]] = {
    "cin7_core": {"deposit_account": "855"},
    "cin7_omni": {"payment_method": "Shopify"},
    "netsuite": {"deposit_account": "220", "invoices": True},
    "odoo": {"journal": "BNK1"},
    "tryton": {"payment_method": "Shopify"},
    "unleashed": {"credit_notes": True},
}
"""The setting with which each enters money that moves later."""
TIERS = {
    Tier.T0: "a unique external key: sending twice makes one document",
    Tier.T1: "an idempotency header",
    Tier.T1_5: "a draft that promises nothing, then confirmed by its id",
    Tier.T2: "looked up by reference after the settling time, twice, before anything is sent again",
    Tier.T3: "a person decides when an answer was lost",
}
AMENDS = {
    Amends.NOTHING: "by hand",
    Amends.FEWER: "units out",
    Amends.ANY: "units out and in",
}
SECRETS = ("password", "key", "client_id", "client_secret", "token_id", "token_secret")
EVENTS = {
    "cin7_core": "back_office_webhook_path",
    "sql": "back_office_webhook_secret",
    "unleashed": "back_office_webhook_secret",
}
"""The secret with which a back office's own events are taken in, where it sends any."""


def page() -> str:
    """The whole page as Markdown."""
    lines = [
        "# Back offices",
        "",
        "Made by `python -m console.capabilities` from what the adapters say of themselves.",
        "",
        "| back office | creating an order | changing one | money later | settling time | hears of changes | calls at once | tells of products | more |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, name in sorted(NAMES.items(), key=lambda each: each[1].lower()):
        able = back_office(*_sample(kind), SystemClock()).capabilities
        heard = "polls"
        if secret := EVENTS.get(kind):
            told = back_office(*_sample(kind, **{secret: "s" * 24}), SystemClock()).capabilities
            assert told.events and not able.events, f"{kind} says that it hears of events without {secret}"
            heard = f"polls; events with `{secret}`"
        settle = f"{able.settle_seconds:g} s" if able.settle_seconds else "none needed"
        own = "[custom.md](custom.md)" if kind == "sql" else f"[{kind}.md]({kind}.md)"
        tells = ", ".join(field for field in FIELDS if field in able.reads) or "nothing"
        if kind == "sql":
            tells = "what `product_fields` names"
        lines.append(
            f"| {name} | {able.tier} | {AMENDS[able.amends]} | {_posted(able, kind)} | {settle} | {heard} | {able.max_concurrency} | {tells} | {own} |"
        )
    lines += ["", "| tier | how an order is kept from being made twice |", "|---|---|"]
    lines += [f"| {tier} | {text} |" for tier, text in TIERS.items()]
    lines += [
        "",
        "Changing one: what TrueUp does to a booked document when units are taken out of its order or put in "
        "(an edit, a refund of units that have not left). By hand: the order is held, and says what to change. "
        "A custom system is changed with the statements for it; without them it is done by hand.",
        "",
        "Hears of changes: polls are always made. Whatever can send signed messages (Standard Webhooks), a script in the "
        "back office or an iPaaS between, can wake TrueUp at once, whichever back office it is (Unleashed signs in a way "
        "of its own): [custom.md](custom.md#events).",
        "",
        "Money later: what becomes of payments captured after an order was booked, of credit memos and of refunds. By "
        "hand: a record of its own is held with the figures, while the order's goods go on; resolving it says that they "
        "were entered. Invoices are made by the back office, its schedules or its people, where the table does not say "
        "that TrueUp makes them.",
    ]
    return "\n".join(lines) + "\n"


def _posted(able: Capabilities, kind: str) -> str:
    """Which entries it takes, and with which setting."""
    names = [each.value.replace("_", " ") for each in EntryKind if each in able.posts]
    told = ", ".join(f"{name}s" for name in names) or "by hand"
    if kind in MONEY:
        told = f"{told} (with `{next(iter(MONEY[kind]))}`)"
    return f"{told}; invoices (with `invoices`)" if able.bills else told


def _sample(kind: str, **secrets_too: str) -> tuple[Settings, Any]:
    connection = {
        "name": "sample",
        "shop": {"kind": "shopify", "url": "https://brand.myshopify.com"},
        "back_office": {"kind": kind, **SAMPLES[kind], **MONEY.get(kind, {})},
        "locations": {"gid://shopify/Location/1": "WH1"},
    }
    secrets = {"sample": {f"back_office_{name}": "sample" for name in SECRETS} | secrets_too}
    settings = Settings.model_validate({"connections": [connection], "secrets": secrets})
    return settings, settings.connections[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
