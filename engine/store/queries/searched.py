"""Finding SKUs by a part of their SKU or title: kept as text in memory, because no index of a database finds parts.

100,000 SKUs take about 15 MB, only in a process that searches. The text is read anew when cells were added, and
every few minutes: a title that changes is found by its new words then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from engine.model.wish import Term
from engine.store.tables import stock

LASTS = timedelta(minutes=5)
"""For so long a title is found by the words it had."""


@dataclass(frozen=True, slots=True)
class _Text:
    """What is searched in, by SKU in the order of a listing."""

    cells: int
    """How far the table had grown when it was read."""
    read_at: datetime
    skus: tuple[str, ...]
    lines: tuple[str, ...]
    """SKU and titles of each, in small letters."""


_texts: WeakKeyDictionary[Engine, _Text] = WeakKeyDictionary()


def found(
    tx: Connection, words: Sequence[Term], now: datetime, grown: Callable[[Connection], int]
) -> Sequence[str]:
    """Every SKU that has all these words in its SKU or in a title, or has them not, whatever the case, in order."""
    text = _text(tx, now, grown)
    lines = text.lines
    at: list[int] | None = None
    for word in words:
        wanted, no = word.value.lower(), word.negated
        if "\n" in wanted:  # what parts the lines is in none of them
            at = at if no else []
        elif at is None:
            at = [number for number, line in enumerate(lines) if (wanted in line) is not no]
        else:
            at = [number for number in at if (wanted in lines[number]) is not no]
    return text.skus if at is None else [text.skus[number] for number in at]


def _text(tx: Connection, now: datetime, grown: Callable[[Connection], int]) -> _Text:
    cells, text = grown(tx), _texts.get(tx.engine)
    if text is None or text.cells != cells or not timedelta() <= now - text.read_at < LASTS:
        lines: dict[str, str] = {}
        for sku, title in tx.execute(
            select(stock.c.sku, stock.c.title).distinct(), execution_options={"yield_per": 5000}
        ):
            lines[sku] = f"{lines.get(sku, sku.lower())}\n{title.lower()}"
        skus = tuple(sorted(lines))
        text = _texts[tx.engine] = _Text(cells, now, skus, tuple(lines[sku] for sku in skus))
    return text
