"""What a back office does that is asked for what it does not declare: it refuses, names the remedy, and changes nothing.

Each question of the exam is sat by everybody: who declares the capability shows it, the others show this instead.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

import pytest

from engine.flows.guarded_catalogue import office_catalogue
from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.failure import Refused
from engine.model.sale import Document, SalesDocument
from engine.ports import Amends
from engine.products.checking import findings
from engine.products.ownership import BACK_OFFICE, Rule

Bench = Any
Question = Callable[..., Awaitable[None]]


async def kept(bench: Bench) -> tuple[SalesDocument, Document]:
    """One document of the whole exam that nobody but these refusals touches."""
    if bench.setting.kept is None:
        sale = bench.sale((bench.sku, 3, bench.first))
        bench.setting.kept = sale, await bench.office.create(sale), bench.sku
    sale, document, _ = bench.setting.kept
    return sale, document


def amending(least: Amends) -> Callable[[Question], Question]:
    """For those that can do so much; the others are asked for just that, and refuse."""

    def of(question: Question) -> Question:
        @wraps(question)
        async def sat(bench: Bench) -> None:
            can = bench.office.capabilities.amends
            if can is Amends.NOTHING or (can is Amends.FEWER and least is Amends.ANY):
                await not_amended(bench, line_more=can is Amends.FEWER)
            else:
                await question(bench)

        return sat

    return of


async def not_amended(bench: Bench, *, line_more: bool) -> None:
    """Units taken out, or an article put in beside what is there, are refused."""
    sale, before = await kept(bench)
    sku = bench.setting.kept[2]
    goods = [(sku, 3, bench.first), (bench.other, 1, bench.first)] if line_more else [(sku, 1, bench.first)]
    wanted = bench.amended(sale, *goods)
    with pytest.raises(Refused) as no:
        await bench.office.amend(before.id, wanted)
    assert no.value.cause and no.value.remedy
    assert (await bench.office.documents([sale.ref]))[sale.ref] == before


def posting(*kinds: EntryKind) -> Callable[[Question], Question]:
    """For those that take these entries, or the one of the question; the others refuse each they do not take."""

    def of(question: Question) -> Question:
        @wraps(question)
        async def sat(bench: Bench, **more: Any) -> None:
            wanted = set(kinds or (more["kind"],))
            if wanted <= bench.office.capabilities.posts:
                await question(bench, **more)
            else:
                sale, document = await kept(bench)
                await not_posted(bench, sale, document, wanted - bench.office.capabilities.posts)

        return sat

    return of


async def not_posted(
    bench: Bench, sale: SalesDocument, document: Document, kinds: Collection[EntryKind]
) -> None:
    before = (await bench.office.documents([sale.ref]))[sale.ref]
    for kind in kinds:
        with pytest.raises(Refused) as no:
            await bench.office.post(document.id, entry(bench, sale, kind, "5.00"))
        assert no.value.code == "enter_by_hand"
        assert no.value.cause and no.value.remedy
    assert (await bench.office.documents([sale.ref]))[sale.ref] == before


def billing(question: Question) -> Question:
    """For those that leave bills to us; the others refuse to be asked, and call nothing unbilled."""

    @wraps(question)
    async def sat(bench: Bench) -> None:
        if bench.office.capabilities.bills:
            await question(bench)
            return
        sale, _ = await kept(bench)
        before = (await bench.office.documents([sale.ref]))[sale.ref]
        with pytest.raises(Refused) as no:
            await bench.office.bill(before.id)
        assert no.value.code == "bill_by_hand"
        assert no.value.cause and no.value.remedy
        assert not before.unbilled
        assert (await bench.office.documents([sale.ref]))[sale.ref] == before

    return sat


def entry(bench: Bench, sale: SalesDocument, kind: EntryKind, amount: str, **more: Any) -> Entry:
    """An entry with a key nobody else uses."""
    number = next(bench.setting.numbers)
    key = f"gid://shopify/{'Refund' if kind is EntryKind.CREDIT else 'OrderTransaction'}/{number}"
    worth = Decimal(amount)
    told: dict[str, Any] = {"transaction": "", "gateway": ""}
    if kind is EntryKind.CREDIT:
        told["lines"] = (CreditLine("gid://shopify/LineItem/1", bench.sku, "Article", 1, worth, Decimal(0)),)
    else:
        told |= {"transaction": "CAPTURE" if kind is EntryKind.PAYMENT else "REFUND", "gateway": "cards"}
    return Entry(
        key=key, subject=key, kind=kind, order=sale.ref, name=sale.name, amount=worth, currency="EUR",
        presentment=worth, presentment_currency="EUR", at=datetime(2026, 5, 5, 8, 0, tzinfo=UTC), **(told | more),
    )  # fmt: skip


def telling(question: Question) -> Question:
    """For those that tell fields of products; the others are never asked, and a rule that needs it is refused."""

    @wraps(question)
    async def sat(bench: Bench, **more: Any) -> None:
        reads = bench.office.capabilities.reads
        if reads:
            await question(bench, **more)
            return
        assert office_catalogue(bench.office, gates=None) is None  # type: ignore[arg-type]
        [found] = findings([Rule(frozenset({"price"}), BACK_OFFICE)], reads, "main")
        assert "lets the back office write price" in found.cause and "give the field" in found.remedy

    return sat
