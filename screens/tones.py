"""Colours by meaning. Symbols and words always say the same, so nothing depends on seeing them."""

from textual.theme import Theme

TONES = ("ok", "warn", "bad", "busy", "muted", "strong")
"""Names a cell or a part of a line may carry; the empty name is plain text."""

Part = tuple[str, str]
"""A safe text and its tone."""

DARK = Theme(
    name="trueup-dark",
    dark=True,
    primary="#56b4e9",
    secondary="#c0c8d0",
    warning="#e69f00",
    error="#ff9a5c",
    success="#56b4e9",
    accent="#f0e442",
    foreground="#e8eaed",
    background="#101418",
    surface="#101418",
    panel="#1d242c",
    variables={
        "tu-ok": "#7cc4f0",
        "tu-warn": "#f0b429",
        "tu-bad": "#ff9a5c",
        "tu-busy": "#c9b8ff",
        "tu-muted": "#a2abb5",
        "tu-head": "#e8eaed",
        "tu-cursor-text": "#0b0e11",
        "tu-cursor": "#8fcdf5",
    },
)
LIGHT = Theme(
    name="trueup-light",
    dark=False,
    primary="#005a9c",
    secondary="#3b444d",
    warning="#8a4b00",
    error="#a33600",
    success="#005a9c",
    accent="#005a9c",
    foreground="#14181c",
    background="#ffffff",
    surface="#ffffff",
    panel="#eceff2",
    variables={
        "tu-ok": "#00528c",
        "tu-warn": "#7a4300",
        "tu-bad": "#9c3300",
        "tu-busy": "#5b2d91",
        "tu-muted": "#515a63",
        "tu-head": "#14181c",
        "tu-cursor-text": "#ffffff",
        "tu-cursor": "#00528c",
    },
)
CONTRAST = Theme(
    name="trueup-contrast",
    dark=True,
    primary="#ffffff",
    secondary="#ffffff",
    warning="#ffd800",
    error="#ffb000",
    success="#8fd3ff",
    accent="#ffd800",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    variables={
        "tu-ok": "#8fd3ff",
        "tu-warn": "#ffd800",
        "tu-bad": "#ffb000",
        "tu-busy": "#e0d0ff",
        "tu-muted": "#e0e0e0",
        "tu-head": "#ffffff",
        "tu-cursor-text": "#000000",
        "tu-cursor": "#ffffff",
    },
)
THEMES = {"dark": DARK.name, "light": LIGHT.name, "contrast": CONTRAST.name, "ansi": "ansi-dark"}
"""What an operator calls them, and what Textual does."""
FALLBACK = {
    "tu-ok": "ansi_bright_blue",
    "tu-warn": "ansi_bright_yellow",
    "tu-bad": "ansi_bright_red",
    "tu-busy": "ansi_bright_cyan",
    "tu-muted": "ansi_default",
    "tu-head": "ansi_default",
    "tu-cursor-text": "ansi_black",
    "tu-cursor": "ansi_white",
}
"""For themes that are not ours, the 16 colours of the terminal itself included."""


def style(tone: str) -> str:
    """The Textual style of a tone."""
    return {"": "", "strong": "bold", "bad": "bold $tu-bad"}.get(tone, f"$tu-{tone}")
