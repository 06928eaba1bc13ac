"""A shop on loopback that behaves as Shopify's Admin API 2026-10 does, refusals included."""

from adapters.shopify.sandbox.server import ShopSandbox, start
from adapters.shopify.sandbox.things import SandboxSku

__all__ = ["SandboxSku", "ShopSandbox", "start"]
