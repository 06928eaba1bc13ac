"""Screens that are loaded and made when they are first asked for; then they stay."""

import importlib
from typing import TYPE_CHECKING, Any

from screens.session import Session

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

ROOMS = {
    "stock": "screens.stock:Stock",
    "sync": "screens.sync:Sync",
    "failed": "screens.failed:Failed",
    "causes": "screens.causes:Causes",
    "edit": "screens.edit:Edit",
    "orders": "screens.orders:Orders",
    "risk": "screens.risk:Risk",
    "fields": "screens.fields:Fields",
    "compare": "screens.compare:Compare",
    "mapping": "screens.mapping:Mapping",
    "logs": "screens.trails:Logs",
    "audit": "screens.trails:Audit",
    "conflicts": "screens.conflicts:Conflicts",
    "plans": "screens.plans:Plans",
    "planned": "screens.planned:Planned",
    "why": "screens.why:Why",
    "help": "screens.help:Help",
}
"""Module and class of each, by the name a command leads to."""


def room(name: str, session: Session) -> "Screen[Any]":
    """Make a screen."""
    module, _, maker = ROOMS[name].partition(":")
    made: Screen[Any] = getattr(importlib.import_module(module), maker)(session)
    return made


def palette() -> "type[Provider]":
    """The command palette, loaded when it is opened."""
    from screens.palette import DeskCommands

    return DeskCommands
