"""Colours keep a contrast of 4.5:1 in our themes, and red never has to be told from green."""

import pytest
from textual.color import Color
from textual.theme import Theme

from screens.tones import DARK, FALLBACK, LIGHT


def contrast(one: str, other: str) -> float:
    def light(text: str) -> float:
        parts = [c / 255 for c in Color.parse(text).rgb]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_tone_is_readable(theme: Theme) -> None:
    assert theme.background and theme.panel and theme.foreground
    for name in ("tu-ok", "tu-warn", "tu-bad", "tu-busy", "tu-muted", "tu-head"):
        assert contrast(theme.variables[name], theme.background) >= 4.5, name
        assert contrast(theme.variables[name], theme.panel) >= 4.5, name
    assert contrast(theme.foreground, theme.background) >= 4.5
    assert contrast(theme.variables["tu-cursor-text"], theme.variables["tu-cursor"]) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_good_and_bad_differ_in_blue_not_only_in_red_and_green(theme: Theme) -> None:
    good, bad = Color.parse(theme.variables["tu-ok"]), Color.parse(theme.variables["tu-bad"])
    assert abs(good.b - bad.b) > 60


def test_themes_name_the_same_tones() -> None:
    assert set(DARK.variables) == set(LIGHT.variables) == set(FALLBACK)
