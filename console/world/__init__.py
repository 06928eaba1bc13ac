"""The demo world: a shop, a back office and the people who buy, sell, receive, ship, cancel and give back."""

from console.world.world import World

__all__ = ["World"]
