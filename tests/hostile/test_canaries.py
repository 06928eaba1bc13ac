"""Secrets never appear, whatever a remote answers: every adapter with canary keys, through some thousand error paths.

The remote is as nasty as can be: it repeats the request with all its headers in whatever it answers. What comes of it
goes the ways it goes in earnest: into the log, the database, the command line's stderr, a traceback.
"""

import base64
import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.cin7_core.back_office import Cin7CoreBackOffice
from adapters.cin7_omni.back_office import OmniBackOffice
from adapters.limits import Allowance
from adapters.netsuite.auth import Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.odoo.back_office import OdooBackOffice
from adapters.shopify.storefront import ShopifyStorefront
from adapters.tryton.back_office import TrytonBackOffice
from adapters.unleashed.back_office import UnleashedBackOffice
from console.cli.trouble import say
from console.logs import formatter
from engine.model import hidden
from engine.model.failure import Failure
from engine.model.hidden import conceal
from engine.model.ids import OrderId, Sku
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.verbs.claim import claim
from engine.store.verbs.endings import hold
from engine.store.verbs.lease import acquire
from engine.store.verbs.work import enqueue

CANARY = 'canary-{}-7f3e/Zq+81=x"y'
AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KINDS = (
    "shop_token",
    "shop_secret",
    "odoo_key",
    "tryton_password",
    "netsuite_secret",
    "netsuite_token",
    "cin7_key",
    "omni_key",
    "unleashed_key",
)
CANARIES = {kind: CANARY.format(kind) for kind in KINDS}


class Quick:
    """A clock that jumps over every wait."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return AT + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 0.001)


STATUSES = (
    200,
    201,
    204,
    301,
    400,
    401,
    402,
    403,
    404,
    405,
    409,
    410,
    413,
    422,
    423,
    425,
    429,
    430,
    500,
    502,
    503,
    504,
)


def echo(request: httpx.Request) -> str:
    """All that the request holds, decoded where it is base64."""
    told = f"{request.url}\n{dict(request.headers)}\n{request.content.decode('utf-8', 'replace')}"
    for value in request.headers.values():
        word = value.rpartition(" ")[2]
        try:
            told += "\n" + base64.b64decode(word, validate=True).decode()
        except (ValueError, UnicodeDecodeError):
            continue
    return told


def bodies(told: str) -> dict[str, bytes]:
    """What was asked, repeated in the words of each vendor's errors."""
    whole = told + " " + " ".join(CANARIES.values())  # as if it knew all of them
    shapes: dict[str, Any] = {
        "graphql": {"errors": [{"message": whole, "extensions": {"code": "ACCESS_DENIED"}}]},
        "graphql text": {"errors": whole},
        "rpc": {"id": 1, "error": {"code": 200, "message": whole, "data": {"name": whole, "message": whole}}},
        "rpc list": {"id": 1, "error": [whole, [whole, whole]]},
        "netsuite": {
            "title": whole,
            "status": 400,
            "o:errorDetails": [{"detail": whole, "o:errorCode": whole}],
        },
        "cin7": [{"ErrorCode": 400, "Exception": whole}],
        "detail": {"error": whole, "error_description": whole, "message": whole, "name": whole},
        "odd": {"data": {"shop": whole, "currentAppInstallation": whole}, "result": whole, "items": whole},
    }
    return {
        "text": whole.encode(),
        "page": f"<html><title>{whole}</title></html>".encode(),
        **{name: json.dumps(shape).encode() for name, shape in shapes.items()},
    }


SHAPES = tuple(bodies(""))


def adapters(transport: httpx.MockTransport) -> Iterator[tuple[Any, list[Callable[[], Awaitable[Any]]]]]:
    """Every adapter that speaks HTTP, with what it can be asked."""
    clock, of = Quick(), CANARIES
    refs = [OrderId("gid://shopify/Order/1")]
    for secrets in (
        {"token": of["shop_token"]},
        {"token": None, "client_id": "id", "client_secret": of["shop_secret"]},
    ):
        shop = ShopifyStorefront(
            "https://shop.test", api_version="2026-10", clock=clock, transport=transport, **secrets
        )
        yield shop, [
            shop.scopes, shop.locations, shop.subscriptions,
            lambda shop=shop: shop.read_order(refs[0]),
            lambda shop=shop: shop.subscribe("ORDERS_UPDATED", "https://x.test/"),
        ]  # fmt: skip
    offices: list[Any] = [
        OdooBackOffice(
            "https://odoo.test", database="d", user="u", key=of["odoo_key"], protocol="jsonrpc", clock=clock,
            transport=transport,
        ),
        OdooBackOffice(
            "https://odoo.test", database="d", user="u", key=of["odoo_key"], protocol="json2", clock=clock,
            transport=transport,
        ),
        TrytonBackOffice(
            "https://tryton.test", database="d", user="u", password=of["tryton_password"], web_shop="S", clock=clock,
            transport=transport,
        ),
        NetSuiteBackOffice(
            "https://netsuite.test", clock=clock, transport=transport,
            signer=Token("1", "id", of["netsuite_secret"], "token", of["netsuite_token"], clock),
        ),
        Cin7CoreBackOffice(
            "https://cin7.test", account="a", key=of["cin7_key"], clock=clock, transport=transport,
            terms=_cin7_terms(), allowance=Allowance(clock, calls=60, seconds=60.0, longest=1e9),
        ),
        OmniBackOffice("https://omni.test", user="u", key=of["omni_key"], clock=clock, transport=transport),
        UnleashedBackOffice(
            "https://unleashed.test", api_id="i", key=of["unleashed_key"], terms=_unleashed_terms(), clock=clock,
            transport=transport,
        ),
    ]  # fmt: skip
    for office in offices:
        yield (
            office,
            [
                office.warehouses,
                lambda office=office: office.documents(refs),
                lambda office=office: office.stock([Sku("MUG")]),
            ],
        )


def _cin7_terms() -> Any:
    from adapters.cin7_core.selling import terms

    return terms("Shopify", "Tax Exempt", {}, {})


def _unleashed_terms() -> Any:
    from adapters.unleashed.selling import terms

    return terms("SHOPIFY", "NONE", {}, {})


class Nasty:
    """Adapters made once, and a remote whose next answers can be chosen."""

    def __init__(self) -> None:
        self._status, self._shape = 200, "text"
        self.adapters = list(adapters(httpx.MockTransport(self._answer)))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "application/json", "retry-after": "1", "location": str(request.url)}
        return httpx.Response(self._status, content=bodies(echo(request))[self._shape], headers=headers)

    async def failures(self, status: int, shape: str) -> AsyncIterator[BaseException]:
        """What comes of every question to every adapter while the remote answers so."""
        self._status, self._shape = status, shape
        for _, questions in self.adapters:
            for ask in questions:
                try:
                    await ask()
                except Exception as trouble:
                    yield trouble


@pytest.fixture
async def nasty() -> AsyncIterator[Nasty]:
    made = Nasty()
    yield made
    for adapter, _ in made.adapters:
        await adapter.aclose()


def leaks(text: str) -> list[str]:
    """Canaries in it, in any form in which they could be read."""
    found = []
    for kind, value in CANARIES.items():
        forms = {
            value,
            json.dumps(value)[1:-1],
            httpx.QueryParams({"x": value})["x"],
            value.replace('"', "%22"),
        }
        forms |= {f"canary-{kind}", base64.b64encode(value.encode()).decode()}
        forms.add(base64.b64encode(f"u:{value}".encode()).decode())  # a name and its password in one word
        found += [kind for form in forms if form in text]
    return found


@pytest.fixture
def concealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hidden, "_lasting", set())
    monkeypatch.setattr(hidden, "_known", hidden._Known())
    for value in CANARIES.values():
        conceal(value)
    yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=Quick())
    opened.write_sync(acquire, "main", "me", 1e9, AT)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("statuses", "shapes"),
    [
        (STATUSES[::4], SHAPES[2:9:2]),
        pytest.param(STATUSES, SHAPES, marks=pytest.mark.long),
    ],
    ids=["some", "all"],
)
async def test_no_secret_comes_out_of_any_error_path(
    concealed: None,
    nasty: Nasty,
    store: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    statuses: tuple[int, ...],
    shapes: tuple[str, ...],
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter("json"))
    log = logging.getLogger("canary")
    log.addHandler(handler)
    log.propagate = False
    paths, kinds = 0, set()
    for status in statuses:
        for shape in shapes:
            async for trouble in nasty.failures(status, shape):
                paths += 1
                kinds.add(type(trouble).__name__)
                log.error("it broke: %s", trouble, exc_info=trouble)
                if isinstance(trouble, Failure):
                    say(trouble.cause, trouble.remedy)
                    _put(store, FailureNote.of(trouble), paths)
    log.removeHandler(handler)
    assert paths > 500
    assert {"Misset", "Refused", "TryLater", "RateLimited"} <= kinds
    assert written.getvalue().count("Traceback") >= 500
    assert leaks(written.getvalue()) == []
    said = capsys.readouterr()
    assert len(said.err) > 10_000
    assert leaks(said.out + said.err) == []
    store.close()
    kept = _bytes(tmp_path).decode("latin-1")
    assert "held" in kept
    assert leaks(kept) == []


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def _put(store: Store, note: FailureNote, number: int) -> None:
    """As the engine keeps it."""
    store.write_sync(enqueue, connection="main", kind="order", key=f"o{number}", lane=1, due_at=AT, now=AT)
    [work] = store.write_sync(
        claim, connection="main", epoch=1, now=AT, lanes=[0, 1, 0, 0, 0], lease_seconds=1e9
    )
    store.write_sync(hold, work.id, work.epoch, note, AT)


async def test_without_concealing_the_canaries_are_found(
    monkeypatch: pytest.MonkeyPatch, nasty: Nasty
) -> None:
    """The remote's errors really carry them: the test above can fail."""
    monkeypatch.setattr(hidden, "_lasting", set())
    monkeypatch.setattr(hidden, "_known", hidden._Known())
    told = [f"{one!r} {getattr(one, 'log', '')}" async for one in nasty.failures(400, "graphql")]
    assert leaks(" ".join(told)) != []
