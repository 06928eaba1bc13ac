"""Writes engine/model/currencies.py from ISO 4217 list one, and what Shopify sells in beside it: make currencies."""

from collections.abc import Mapping
from pathlib import Path

from iso4217 import raw_table

FILE = Path(__file__).parents[2] / "engine" / "model" / "currencies.py"

BESIDE: Mapping[str, int] = {
    "ANG": 2,  # withdrawn from the list with 2 decimals, as are all but the following
    "BGN": 2,
    "BYR": 0,  # withdrawn; had no minor unit
    "HRK": 2,
    "JEP": 2,  # Jersey's pound, of the decimals of sterling
    "KID": 2,  # Kiribati's dollar, of the decimals of Australia's
    "LTL": 2,
    "LVL": 2,
    "SLL": 2,
    "STD": 2,
    "USDC": 2,  # a token for the dollar, charged in cents
    "VEF": 2,
    "XXX": 2,  # no currency; Shopify writes its amounts with two decimals
}
"""Decimals of the codes in Shopify's list that ISO 4217 does not list, or lists without decimals."""


def table() -> dict[str, int]:
    """Decimals by code; what ISO lists without any (metals, funds, test codes) is not in it."""
    listed = {code: str(row["CcyMnrUnts"]) for code, row in raw_table.items() if code}
    return {code: int(units) for code, units in listed.items() if units.isdecimal()} | dict(BESIDE)


def text() -> str:
    """The module."""
    by_digits: dict[int, list[str]] = {}
    for code, digits in sorted(table().items()):
        by_digits.setdefault(digits, []).append(code)
    rows = [f'    {digits}: "{" ".join(codes)}",' for digits, codes in sorted(by_digits.items())]
    return "\n".join(
        [
            '"""Decimals of each currency. Written by `make currencies` from ISO 4217; do not edit by hand."""',
            "",
            "_CODES = {",
            *rows,
            "}",
            "",
            "DIGITS = {code: digits for digits, codes in _CODES.items() for code in codes.split()}",
            '"""Decimals by code, those of currencies that were withdrawn and are still sold in among them."""',
            "",
        ]
    )


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
