"""A Cin7 Omni account in memory: version 1 of its API over the common books."""

from adapters.cin7_omni.sandbox.server import OmniSandbox, start

__all__ = ["OmniSandbox", "start"]
