"""A NetSuite account in memory: record service, SuiteQL over SQLite, both ways of signing in."""

from adapters.netsuite.sandbox.server import NetSuiteSandbox, start

__all__ = ["NetSuiteSandbox", "start"]
