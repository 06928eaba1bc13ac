"""The benches of the port exam: one per back office, each a sandbox with an adapter on it.

A new back office adds a context manager that yields a `Setting` to `SETTINGS`, and sits the same exam.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from adapters.cin7_core.back_office import Cin7CoreBackOffice
from adapters.cin7_core.sandbox import start as start_cin7_core
from adapters.cin7_core.selling import Terms as Cin7CoreTerms
from adapters.cin7_omni.back_office import OmniBackOffice
from adapters.cin7_omni.sandbox import start as start_cin7_omni
from adapters.cin7_omni.selling import Terms as OmniTerms
from adapters.limits import Allowance
from adapters.netsuite.auth import Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.sandbox import start as start_netsuite
from adapters.netsuite.selling import Terms as NetSuiteTerms
from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import start as start_odoo
from adapters.odoo.selling import Terms as OdooTerms
from adapters.quota import Budget, Quota
from adapters.sandbox.faults import Faults
from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox import start as start_sql
from adapters.sql.sandbox.statements import PRODUCT_FIELDS
from adapters.tryton.back_office import TrytonBackOffice
from adapters.tryton.sandbox import start as start_tryton
from adapters.unleashed.back_office import UnleashedBackOffice
from adapters.unleashed.sandbox import start as start_unleashed
from adapters.unleashed.selling import Terms as UnleashedTerms
from engine.model.clock import SystemClock
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, Payment, SalesDocument, SalesLine
from engine.ports import BackOffice
from tests.ports.troubling import Line, Rooms

ON_SHELF = {0: 10, 1: 6}
"""Units of every exam SKU in the first and the second warehouse."""
EXAM_SKUS = [f"EXAM-{number:02}" for number in range(1, 181)]
"""Two for every question of the exam, should one process ask them all."""
STOCK = {(sku, index): units for sku in EXAM_SKUS for index, units in ON_SHELF.items()}


@dataclass
class Front:
    """Trouble in front of a back office."""

    faults: Faults
    late: Callable[[], Awaitable[int]]


@dataclass
class Setting:
    """A running sandbox and how to open an adapter on it."""

    control_url: str
    open_office: Callable[[], BackOffice]
    warehouse_ids: dict[str, str] = field(default_factory=lambda: {"WH1": "WH1", "WH2": "WH2"})
    """Name in the sandbox's control → id as the adapter gives it."""
    locked_out: Callable[[], BackOffice] = field(kw_only=True)
    """Opens an adapter with a key the sandbox does not accept."""
    front: "Front | None" = None
    """Where the sandbox has no trouble on request: what stands before it and has."""
    opens_by: str = "key"
    """What the settings are called that a wrong key is corrected in."""
    counts_calls: bool = True
    """It says how long to wait when asked too often; otherwise it is just busy."""
    reads_again: bool = True
    """A reading that fails for a moment is made again within the call."""
    skus: Iterator[str] = field(default_factory=lambda: iter(EXAM_SKUS))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))
    kept: Any = None
    """See `tests.ports.declining.kept`."""


@dataclass
class Bench:
    """What one question of the exam works with: the office, the staff, a SKU nobody else uses."""

    office: BackOffice
    staff: httpx.Client
    setting: Setting
    sku: Sku
    other: Sku
    first: WarehouseId
    second: WarehouseId

    def do(self, verb: str, **ask: Any) -> httpx.Response:
        """Have the ERP's own staff do something."""
        return self.staff.post(f"/_control/{verb}", json=ask)

    def trouble(self, **ask: Any) -> None:
        """Switch a fault on, in place of the last one."""
        if self.setting.front is None:
            assert self.do("faults", **ask).status_code == 200
        else:
            self.setting.front.faults.switch(ask)

    async def late_calls(self) -> int:
        """Wait until every call that broke was made after all; how many there were."""
        if self.setting.front is None:
            return int(self.do("late_calls").json()["made"])
        return await self.setting.front.late()

    def state(self) -> dict[str, Any]:
        """The sandbox's whole truth."""
        answer = self.staff.get("/_control/state")
        assert answer.status_code == 200
        truth: dict[str, Any] = answer.json()
        return truth

    def ref(self) -> OrderId:
        """An external reference nobody else uses."""
        return OrderId(f"gid://shopify/Order/{next(self.setting.numbers)}")

    def sale(self, *goods: tuple[Sku, int, WarehouseId], ref: OrderId | None = None) -> SalesDocument:
        """A document whose lines, tax, shipping, discount and payment add up to the cent."""
        lines = [
            SalesLine(
                f"gid://shopify/LineItem/{position}",
                LineKind.GOODS,
                sku,
                f"Article {sku}",
                quantity,
                Decimal("19.99"),
                Decimal("1.50"),
                (tax := Decimal("2.35")),
                (("VAT", tax),),
                warehouse,
            )
            for position, (sku, quantity, warehouse) in enumerate(goods, 1)
        ]
        shipping = SalesLine(
            "shipping-1",
            LineKind.SHIPPING,
            None,
            "Parcel",
            1,
            Decimal("4.90"),
            Decimal(0),
            Decimal(0),
            (),
            None,
        )
        total = sum(
            (line.quantity * line.unit_price - line.discount + line.tax for line in lines), Decimal("4.90")
        )
        return SalesDocument(
            ref=ref or self.ref(),
            name="#1001",
            placed_at=datetime(2026, 5, 4, 10, 30, tzinfo=UTC),
            currency="EUR",
            taxes_included=False,
            lines=(*lines, shipping),
            total=total,
            presentment_currency="EUR",
            presentment_total=total,
            payments=(Payment("gid://shopify/OrderTransaction/1", "SALE", "cards", total),),
            customer="Ada Buyer",
            email="buyer@example.com",
            address=("Ada Buyer", "1 Long Street", "10115 Berlin", "DE"),
            note="ring twice",
        )

    def amended(self, sale: SalesDocument, *goods: tuple[Sku, int, WarehouseId]) -> SalesDocument:
        """The same order with these units instead: lines of a SKU that stays keep their key, and money follows."""
        old = [line for line in sale.lines if line.sku is not None]
        lines: list[SalesLine] = []
        for number, (sku, quantity, warehouse) in enumerate(goods, 1):
            same = [line for line in old if line.sku == sku]
            line = (
                same[0] if same else replace(sale.lines[0], sku=sku, key=f"gid://shopify/LineItem/9{number}")
            )
            old = [each for each in old if each not in same[:1]]
            tax = Decimal("0.78") * quantity
            lines.append(
                replace(
                    line,
                    title=f"Article {sku}",
                    quantity=quantity,
                    discount=Decimal("0.50") * quantity,
                    tax=tax,
                    taxes=(("VAT", tax),) if quantity else (),
                    warehouse=warehouse,
                )
            )
        total = sum(
            (line.quantity * line.unit_price - line.discount + line.tax for line in lines), Decimal("4.90")
        )
        rest = tuple(line for line in sale.lines if line.sku is None)
        return replace(sale, lines=(*lines, *rest), total=total, presentment_total=total)


@contextmanager
def _sql(directory: Path, database_url: str | None = None) -> Iterator[Setting]:
    sandbox = start_sql(
        directory, seed=1, skus=EXAM_SKUS, warehouses=["WH1", "WH2"], stock=STOCK, database_url=database_url
    )
    try:
        faults = Faults(1)
        rooms = Rooms(faults)

        def office(url: str = sandbox.database_url) -> SqlBackOffice:
            return SqlBackOffice(
                url, sandbox.statements, clock=SystemClock(), product_fields=PRODUCT_FIELDS, rooms=rooms
            )

        (directory / "no.db").write_text("not a database" * 100)
        wrong = make_url(sandbox.database_url)
        elsewhere = str(directory / "no.db") if wrong.get_backend_name() == "sqlite" else "nobody_has_this"
        yield Setting(
            sandbox.url,
            office,
            locked_out=lambda: office(wrong.set(database=elsewhere).render_as_string(hide_password=False)),
            front=Front(faults, rooms.late),
            opens_by="settings",
            counts_calls=False,
            reads_again=False,
        )
    finally:
        sandbox.stop()


@contextmanager
def _tryton(_directory: Path) -> Iterator[Setting]:
    sandbox = start_tryton(products=EXAM_SKUS, warehouses=["WH1", "WH2"], stock=STOCK)
    try:
        faults = Faults(1)
        lines: list[Line] = []

        def office(password: str = sandbox.password) -> TrytonBackOffice:
            lines.append(Line(faults))
            return TrytonBackOffice(
                sandbox.url,
                database=sandbox.database,
                user=sandbox.user,
                password=password,
                web_shop=sandbox.web_shop,
                payment_method=sandbox.payment_method,
                clock=SystemClock(),
                transport=lines[-1],
            )

        yield Setting(
            sandbox.control_url,
            office,
            locked_out=lambda: office("not-the-password"),
            front=Front(faults, lambda: lines[-1].late()),
            opens_by="password",
        )
    finally:
        sandbox.stop()


def _odoo(version: int) -> Callable[[Path], AbstractContextManager[Setting]]:
    @contextmanager
    def running(_directory: Path) -> Iterator[Setting]:
        sandbox = start_odoo(skus=EXAM_SKUS, stock=STOCK, currency="EUR", version=version)

        def office(key: str = sandbox.key) -> OdooBackOffice:
            return OdooBackOffice(
                sandbox.url,
                database=sandbox.database,
                user=sandbox.user,
                key=key,
                protocol="json2" if version >= 19 else "jsonrpc",
                terms=OdooTerms(journal="BNK1"),
                clock=SystemClock(),
                answer_seconds=0.7,
            )

        try:
            yield Setting(sandbox.url, office, locked_out=lambda: office("not-the-key"))
        finally:
            sandbox.stop()

    return running


def _netsuite(terms: NetSuiteTerms, **more: Any) -> Callable[[Path], AbstractContextManager[Setting]]:
    return contextmanager(lambda _directory: _running_netsuite(terms, **more))


def _running_netsuite(terms: NetSuiteTerms, **more: Any) -> Iterator[Setting]:
    sandbox = start_netsuite(skus=EXAM_SKUS, stock=STOCK, currency="EUR", **more)

    def office(token_secret: str = sandbox.keys[3]) -> NetSuiteBackOffice:
        signer = Token(sandbox.account, *sandbox.keys[:3], token_secret, SystemClock())
        return NetSuiteBackOffice(
            sandbox.url,
            clock=SystemClock(),
            signer=signer,
            terms=terms,
            answer_seconds=0.7,
        )

    try:
        yield Setting(
            sandbox.url,
            office,
            warehouse_ids=sandbox.locations,
            locked_out=lambda: office("not-the-secret"),
        )
    finally:
        sandbox.stop()


@contextmanager
def _cin7_core(_directory: Path) -> Iterator[Setting]:
    """A minute of Cin7 Core passes here in a second, so that sixty calls of it do not take a minute each time."""
    sandbox = start_cin7_core(skus=EXAM_SKUS, stock=STOCK, currency="EUR", seconds=1.0)
    clock = SystemClock()
    shared = Allowance(clock, calls=60, seconds=1.0, longest=30.0)

    def office(key: str = sandbox.key) -> Cin7CoreBackOffice:
        return Cin7CoreBackOffice(
            sandbox.url,
            account=sandbox.account,
            key=key,
            terms=Cin7CoreTerms(sandbox.customer, account="855"),
            articles_seconds=0.0,
            clock=clock,
            allowance=shared,
            answer_seconds=0.7,
        )

    try:
        yield Setting(sandbox.control, office, locked_out=lambda: office("not-the-key"))
    finally:
        sandbox.stop()


@contextmanager
def _unleashed(_directory: Path) -> Iterator[Setting]:
    """A minute of Unleashed passes here in a second."""
    sandbox = start_unleashed(skus=EXAM_SKUS, stock=STOCK, currency="EUR", seconds=1.0)
    clock = SystemClock()
    quota = Quota(clock, calls=250_000, seconds=31 * 86_400.0, who="Unleashed", remedy="Wait.")
    shared = Budget([Allowance(clock, calls=60, seconds=1.0, longest=30.0)], quota)

    def office(key: str = sandbox.key) -> UnleashedBackOffice:
        return UnleashedBackOffice(
            sandbox.url,
            api_id=sandbox.api_id,
            key=key,
            terms=UnleashedTerms(sandbox.customer, credit_notes=True),
            articles_seconds=0.0,
            clock=clock,
            budget=shared,
            answer_seconds=0.7,
        )

    try:
        yield Setting(sandbox.url, office, locked_out=lambda: office("not-the-key"))
    finally:
        sandbox.stop()


@contextmanager
def _cin7_omni(_directory: Path) -> Iterator[Setting]:
    """A minute of Omni passes here in a second."""
    sandbox = start_cin7_omni(skus=EXAM_SKUS, stock=STOCK, currency="EUR", limits=[(60, 1.0)])
    clock = SystemClock()
    quota = Quota(clock, calls=5_000, seconds=86_400.0, who="Cin7 Omni", remedy="Wait.")
    shared = Budget([Allowance(clock, calls=60, seconds=1.0, longest=30.0)], quota)

    def office(key: str = sandbox.key) -> OmniBackOffice:
        return OmniBackOffice(
            sandbox.url,
            user=sandbox.user,
            key=key,
            clock=clock,
            terms=OmniTerms(payment_method="Shopify"),
            budget=shared,
            answer_seconds=0.7,
            articles_seconds=0.0,
        )

    try:
        yield Setting(
            sandbox.control,
            office,
            warehouse_ids=sandbox.branches,
            locked_out=lambda: office("not-the-key"),
        )
    finally:
        sandbox.stop()


SETTINGS: dict[str, Callable[..., AbstractContextManager[Setting]]] = {
    "sql-sqlite": _sql,
    "sql-postgresql": _sql,
    "tryton": _tryton,
    "odoo-19": _odoo(19),
    "odoo-17": _odoo(17),
    "netsuite": _netsuite(NetSuiteTerms(account="220", invoices=True)),
    "netsuite-suitetax": _netsuite(
        NetSuiteTerms(account="220", invoices=True, tax_code="901"), suite_tax=True
    ),
    "cin7-core": _cin7_core,
    "unleashed": _unleashed,
    "cin7-omni": _cin7_omni,
}
MARKS = {"tryton": [pytest.mark.tryton]}
AT_ONCE = ("test_an_entry_is_made_once_and_read_back[tryton-payment]", "test_an_entry_is_made_once_and_read_back[tryton-credit_memo]")  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of money a real Tryton is asked everything only in the long run: it prints each credit note, and takes its time."""
    for item in items:
        asked = item.path.name == "test_posting_exam.py" and item.get_closest_marker("tryton")
        if asked and item.name not in AT_ONCE:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session", params=[pytest.param(name, marks=MARKS.get(name, [])) for name in SETTINGS])
def setting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """One sandbox per back office for the whole exam."""
    name: str = request.param
    more = {"database_url": request.getfixturevalue("new_postgresql")()} if name == "sql-postgresql" else {}
    with SETTINGS[name](tmp_path_factory.mktemp(name), **more) as ready:
        yield ready


@pytest.fixture
async def bench(setting: Setting) -> AsyncIterator[Bench]:
    """A fresh adapter and two SKUs of one's own."""
    office = setting.open_office()
    skus = [Sku(next(setting.skus)) for _ in range(2)]
    ids = [WarehouseId(setting.warehouse_ids[name]) for name in ("WH1", "WH2")]
    with httpx.Client(base_url=setting.control_url, timeout=30, trust_env=False) as staff:
        yield Bench(office, staff, setting, skus[0], skus[1], ids[0], ids[1])
    await office.aclose()
