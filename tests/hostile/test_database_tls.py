"""A database server elsewhere whose certificate its driver does not check is named by `trueup check`, with the remedy.

Told as the check demands, the drivers give nobody a login whose certificate is not the right one.
"""

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox.statements import STATEMENTS
from console.database_tls import VERIFIES, database_tls
from engine.model.clock import SystemClock
from engine.model.failure import Failure, Misset
from engine.store.session import Store
from engine.store.trouble import StoreTrouble
from tests.hostile.authority import DAY, NOW, WRONG, Authority, too_old
from tests.hostile.database_doors import REFUSED, Door, door

PG = "postgresql+psycopg://trueup@db.example.com/stock"
MY = "mysql+pymysql://trueup@db.example.com/stock"
SURE = {"ssl_ca": "/etc/ca.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}


@pytest.mark.parametrize(
    ("url", "connect", "sure"),
    [
        (PG, {}, False),
        (PG, {"sslmode": "require"}, False),
        (PG, {"sslmode": "verify-ca"}, False),
        (PG, {"sslmode": "verify-full"}, True),
        (f"{PG}?sslmode=verify-full", {}, True),
        (f"{PG}?sslmode=verify-full", {"sslmode": "prefer"}, False),  # what the driver is handed wins
        ("postgresql+psycopg://trueup@/stock?host=db.example.com", {}, False),
        (MY, {}, False),
        (MY, {"ssl_ca": "/etc/ca.pem"}, False),
        (MY, {**SURE, "ssl_verify_identity": False}, False),
        (MY, SURE, True),
        (MY.replace("mysql", "mariadb"), {}, False),
    ],
)
def test_only_a_checked_certificate_will_do(url: str, connect: dict[str, Any], sure: bool) -> None:
    [line] = database_tls("main: back office TLS", url, connect)
    assert (line.ok, "db.example.com" in line.detail) == (sure, True)
    assert sure or line.remedy.startswith("Tell its driver ")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///erp.db",
        "postgresql+psycopg://trueup@127.0.0.1/stock",
        "postgresql+psycopg://trueup@localhost/stock",
        "postgresql+psycopg://trueup@/stock?host=/run/postgresql",
    ],
)
def test_what_does_not_leave_the_machine_needs_none(url: str) -> None:
    assert database_tls("store TLS", url, {}) == []


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    """The authority that the drivers are told of."""
    return Authority(tmp_path, "ours")


def told(kind: str, authority: Authority) -> dict[str, Any]:
    """What the check asks for, and who signs."""
    asked, _ = VERIFIES[kind]
    if kind == "postgresql":
        return {**asked, "sslrootcert": str(authority.file)}
    return {**{name: value == "true" for name, value in asked.items()}, "ssl_ca": str(authority.file)}


def url(kind: str, server: Door, options: Mapping[str, Any] | None = None) -> str:
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[kind]
    words = "&".join(f"{name}={value}" for name, value in (options or {}).items())
    return f"{driver}://trueup:secret@localhost:{server.port}/stock?{words}"


def shows(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def asked(kind: str, server: Door, connect: Mapping[str, Any]) -> Misset:
    """How a SQL back office behind that server fails."""
    office = SqlBackOffice(url(kind, server), STATEMENTS, clock=SystemClock(), connect=connect)
    try:
        with pytest.raises(Misset) as failed:
            await office.warehouses()
    finally:
        await office.aclose()
    return failed.value


@pytest.mark.parametrize("kind", VERIFIES)
async def test_the_right_certificate_is_given_the_login_and_no_other_way_is_taken(
    kind: str, ours: Authority
) -> None:
    with door(kind, shows(ours.certificate("localhost", NOW + DAY))) as server:
        failed = await asked(kind, server, told(kind, ours))
        assert server.heard == ["login over TLS"]
        assert REFUSED in failed.cause


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("kind", VERIFIES)
async def test_a_back_office_database_with_any_other_certificate_hears_no_login(
    kind: str, made: Callable[[Authority, Path], Path], ours: Authority, tmp_path: Path
) -> None:
    with door(kind, shows(made(ours, tmp_path))) as server:
        failed = await asked(kind, server, told(kind, ours))
        assert server.heard == []
    assert failed.code == "sql.certificate"
    assert failed.cause.startswith("The certificate of the back office database is not trusted: ")
    assert "secret" not in f"{failed.cause}{failed.log}"


@pytest.mark.parametrize("kind", VERIFIES)
async def test_a_protocol_that_is_too_old_hears_no_login(kind: str, ours: Authority) -> None:
    with door(kind, too_old(shows(ours.certificate("localhost", NOW + DAY)))) as server:
        office = SqlBackOffice(url(kind, server), STATEMENTS, clock=SystemClock(), connect=told(kind, ours))
        try:
            with pytest.raises(Failure):
                await office.warehouses()
        finally:
            await office.aclose()
        assert server.heard == []


@pytest.mark.parametrize("made", WRONG.values(), ids=WRONG)
def test_a_store_with_any_other_certificate_is_not_opened_and_hears_no_login(
    made: Callable[[Authority, Path], Path], ours: Authority, tmp_path: Path
) -> None:
    with door("postgresql", shows(made(ours, tmp_path))) as server:
        with pytest.raises(StoreTrouble, match=r"certificate|signature") as refused:
            Store.open(url("postgresql", server, told("postgresql", ours)), clock=SystemClock())
        assert server.heard == []
    assert "sslrootcert" in refused.value.remedy


def test_without_what_the_check_demands_the_login_would_go_to_anybody(
    ours: Authority, tmp_path: Path
) -> None:
    stranger = WRONG["signed by nobody we know"](ours, tmp_path)
    with door("postgresql", shows(stranger)) as server:
        with pytest.raises(StoreTrouble):
            Store.open(url("postgresql", server, {"sslmode": "require"}), clock=SystemClock())
        assert server.heard == ["login over TLS"]
