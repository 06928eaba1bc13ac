"""A Cin7 Core account in memory: version 2 of the API over the common books."""

from adapters.cin7_core.sandbox.server import Cin7CoreSandbox, start

__all__ = ["Cin7CoreSandbox", "start"]
