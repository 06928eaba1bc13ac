"""Fixtures that every room may use."""

import os

import pytest

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has in the environment must not decide a test."""
    for name in list(os.environ):
        if name.startswith("TRUEUP_"):
            monkeypatch.delenv(name)
