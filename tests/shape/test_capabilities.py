"""What the documents say of the back offices is what the adapters say of themselves."""

import re
from typing import get_args

from console.capabilities import NAMES, PAGE, SAMPLES, TIERS, page
from console.settings.back_offices import BackOfficeSettings
from engine.ports import Tier


def test_the_table_of_back_offices_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m console.capabilities"


def test_every_back_office_and_every_tier_is_in_it() -> None:
    union = get_args(get_args(BackOfficeSettings)[0])
    kinds = {get_args(settings.model_fields["kind"].annotation)[0] for settings in union}
    assert kinds == set(NAMES) == set(SAMPLES)
    assert set(TIERS) == set(Tier)


def test_every_back_office_has_a_page_of_its_own() -> None:
    named = re.findall(r"\| \[.*\]\((.*)\) \|$", page(), re.MULTILINE)
    assert len(named) == len(NAMES) == len(set(named))
    for name in named:
        text = (PAGE.parent / name).read_text(encoding="utf-8")
        assert text.startswith("# "), name
        assert "[connections.back_office]" in text, name
