"""The first line of every screen: where we are, whether it is well, and whether we may act. In words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.safe import safe
from screens.session import Session
from screens.tones import Part
from screens.words import clock, stopwatch

if TYPE_CHECKING:
    from engine.desk import Pulse

SIGNS = {
    "OK": ("+", "ok"),
    "SLOW": ("~", "warn"),
    "PAUSED": ("=", "muted"),
    "STALE": ("?", "warn"),
    "FAIL": ("x", "bad"),
}
"""State of a remote: its symbol and tone; from well to bad."""


NARROW = 76
"""Columns below which only figures that want eyes are shown."""
ALWAYS = ("Q", "FAIL")
MOVING = ("Q", "queue")
STEADY = 4
"""Cells that a figure which moves all the time and the blank before it keep: what comes before them stays where it is."""


def sign(state: str) -> tuple[str, str]:
    """Symbol and tone of a state; a question mark for one we do not know."""
    return SIGNS.get(state, ("?", "warn"))


def health(session: Session) -> Part:
    """The one word about everything."""
    age = session.age()
    pulse = session.pulse
    if pulse is None or age is None:
        return ("x NO DATA", "bad") if session.trouble else ("... STARTING", "busy")
    if session.is_old():
        return f"? DATA {stopwatch(age)} OLD", "warn"
    if session.trouble:
        return "x NO ANSWER", "bad"
    if pulse.engine == "stopped":
        return "x STOPPED", "bad"
    return worst(pulse)


def worst(pulse: Pulse) -> Part:
    """The state of the remote that is worst off."""
    order = list(SIGNS)
    states = sorted(
        {remote.state for remote in pulse.remotes}, key=lambda s: order.index(s) if s in order else 99
    )
    state = states[-1] if states else "OK"
    symbol, tone = sign(state)
    return f"{symbol} {safe(state)}", tone


def status(session: Session, width: int) -> list[Part]:
    """The status line, filled to `width`."""
    pulse, wide, roomy = session.pulse, width >= 120, width >= 140
    parts: list[Part] = [health(session)]
    if pulse is not None:
        figures = (
            ("queue" if roomy else "Q", pulse.queue, ""),
            ("failed" if roomy else "FAIL", pulse.failed, "bad"),
            ("uncertain" if roomy else "UNK", pulse.uncertain, "warn"),
            ("conflicts" if roomy else "CONF", pulse.conflicts, "warn"),
            ("at risk" if roomy else "RISK", pulse.at_risk, "warn"),
        )
        parts += [
            (f"{name} {number:,}".ljust(len(name) + STEADY * (name in MOVING)), tone if number else "")
            for name, number, tone in figures
            if number or name in ALWAYS or width >= NARROW
        ]
        if wide:
            parts.insert(1, (f"engine {safe(pulse.engine)}", ""))
    mode = "RW" if session.writable else "RO"
    if wide:
        parts += [(f"mode {mode}", "strong"), (f"user {safe(session.operator)}", "")]
        parts.append((f"{clock(session.now())} UTC", ""))
    else:
        parts += [(mode, "strong"), (clock(session.now()), "")]
    gap = "   " if wide else "  "
    right: list[Part] = [part for shown in parts for part in ((gap, ""), shown)][1:]
    taken = sum(len(text) for text, _ in right)
    return [(safe(f" {session.environment} ", max(0, width - taken - 1)), "strong"), *right, (" ", "")]
