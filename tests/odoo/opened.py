"""A back office opened on a running sandbox of Odoo, and what staff enter there."""

from typing import Any

import httpx

from adapters.odoo.back_office import OdooBackOffice
from adapters.odoo.sandbox import OdooSandbox
from engine.model.clock import SystemClock


def connected(sandbox: OdooSandbox, **wanted: Any) -> OdooBackOffice:
    """By JSON-RPC, which every version speaks."""
    return OdooBackOffice(
        sandbox.url, database=sandbox.database, user=sandbox.user, key=sandbox.key, protocol="jsonrpc",
        clock=SystemClock(), **wanted,
    )  # fmt: skip


def enter(sandbox: OdooSandbox, verb: str, **asked: Any) -> Any:
    """Enter something; what the sandbox says to it."""
    reply = httpx.post(f"{sandbox.url}/_control/{verb}", json=asked, trust_env=False)
    assert reply.status_code == 200, reply.text
    return reply.json()
