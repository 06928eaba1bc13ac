"""An Unleashed account in memory: its API over the common books."""

from adapters.unleashed.sandbox.server import UnleashedSandbox, start

__all__ = ["UnleashedSandbox", "start"]
