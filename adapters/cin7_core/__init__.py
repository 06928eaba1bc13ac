"""Cin7 Core, formerly DEAR Inventory, as a back office."""
