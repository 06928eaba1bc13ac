"""Times and numbers in words short enough for a column."""

from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.money import exact

BLOCKS = "▁▂▃▄▅▆▇█"


def clock(at: datetime) -> str:
    """Time of day."""
    return at.strftime("%H:%M:%S")


def moment(at: datetime | None, now: datetime) -> str:
    """Time of day today, with the date before that; a dash for never."""
    if at is None:
        return "-"
    return clock(at) if at.date() == now.date() else at.strftime("%m-%d %H:%M")


def span(length: timedelta) -> str:
    """A duration in its largest whole unit."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(at: datetime | None, now: datetime) -> str:
    """How long since, or `never`."""
    return "never" if at is None else f"{span(now - at)} ago"


def stopwatch(length: timedelta) -> str:
    """A duration as HH:MM:SS."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def count(number: int | None, width: int) -> str:
    """A number that never needs more than `width` characters; a dot for none."""
    if number is None:
        return "·"
    for scale, unit in ((1, ""), (1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        text = f"{int(number / scale)}{unit}"
        if len(text) <= width:
            return text
    return "#" * width


def counted(number: int, what: str) -> str:
    """So many of what is named in the plural, which ends in s."""
    return f"{number:,} {what.removesuffix('s') if number == 1 else what}"


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with the decimals of its currency, and with more where it has more; a dot for none."""
    if amount is None:
        return "·"
    return f"{exact(amount, currency):,f} {currency}".strip()


def spark(series: tuple[int, ...], width: int) -> str:
    """The newest `width` figures as blocks."""
    shown = series[-width:] if width > 0 else ()
    top = max(shown, default=0)
    return "".join(BLOCKS[min(7, value * 7 // top) if top and value > 0 else 0] for value in shown)
