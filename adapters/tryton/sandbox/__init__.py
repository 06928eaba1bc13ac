"""A real Tryton as a sandbox: installed beside us, never imported, driven by its own RPC."""

from adapters.tryton.sandbox.server import TrytonSandbox, start

__all__ = ["TrytonSandbox", "start"]
