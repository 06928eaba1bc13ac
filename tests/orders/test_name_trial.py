"""A name for a value is tried on documents as they were written before it is put down."""

from typing import Any

from engine.desk import NameTrial
from engine.orders.name_trial import tried


def body(gateway: str, account: str, carrier: str = "DHL-01") -> dict[str, Any]:
    return {
        "payments": [{"gateway": gateway, "account": account}, {"gateway": "gift_card", "account": "3270"}],
        "lines": [{"kind": "goods", "title": "Mug"}, {"kind": "shipping", "title": "Standard", "carrier": carrier}],
        "tax_codes": {"VAT": "V20"},
    }  # fmt: skip


BODIES = [body("card", "1210"), body("card", "1200"), body("card", ""), body("invoice", "1400")]


def test_it_says_who_has_the_value_and_who_was_told_something_else() -> None:
    assert tried(BODIES, "payments", "card", "1210") == NameTrial(4, 3, 2, ("1200",))
    assert tried(BODIES, "payments", "klarna", "1210") == NameTrial(4, 0, 0, ())
    assert tried(BODIES, "carriers", "Standard", "DHL-01") == NameTrial(4, 4, 0, ())
    assert tried(BODIES, "taxes", "VAT", "M19") == NameTrial(4, 4, 4, ("V20",))
    assert tried([], "taxes", "VAT", "M19") == NameTrial(0, 0, 0, ())
