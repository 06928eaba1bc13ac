"""A small ERP on a real database, strict about stock and money, with a control server beside it."""

from adapters.sql.sandbox.server import SqlSandbox, start

__all__ = ["SqlSandbox", "start"]
