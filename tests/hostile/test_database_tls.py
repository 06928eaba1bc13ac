"""A database server elsewhere whose certificate its driver does not check is named by `trueup check`, with the remedy."""

from typing import Any

import pytest

from console.database_tls import database_tls

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
