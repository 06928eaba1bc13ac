"""The settings of the port exam: one per back office, each a sandbox with an adapter on it.

A new back office adds a context manager that yields a `Setting` to `SETTINGS`, and sits the same exam.
"""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
