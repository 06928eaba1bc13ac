"""An Odoo with the apps Sales and Inventory, in memory: JSON-2 and JSON-RPC over the common books."""

from adapters.odoo.sandbox.server import OdooSandbox, start

__all__ = ["OdooSandbox", "start"]
