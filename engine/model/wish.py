"""The filter language of every list.

    mug                     free text, anywhere in a row
    state:held              the field contains it
    total:>100  tries:<3    numbers and amounts
    placed:>2h  at:<2026-11-01   times: later than two hours ago, before a day
    !state:held  !mug       not that
    "two words"             quotes keep blanks together

A word before a colon that is no field of the list is free text, because SKUs and addresses hold colons too.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

_WORD = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_SPAN = re.compile(r"(\d{1,6})(s|m|min|h|d|w)")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; a row must fulfil all of them."""

    field: str
    """Empty for free text."""
    op: str
    """`:` contains or equals, `>` or `<`."""
    value: str
    negated: bool = False


def parse(text: str, fields: Collection[str]) -> tuple[Term, ...]:
    """The conditions of a filter as typed; what is not finished yet (`state:`) asks for nothing."""
    found = []
    for word in _WORD.findall(text):
        negated = word.startswith("!") and len(word) > 1
        body = word[1:] if negated else word
        name, colon, value = body.partition(":")
        if not colon or name.casefold() not in fields:
            found.append(Term("", ":", _bare(body), negated))
            continue
        op = value[0] if value[:1] in ("<", ">") else ":"
        value = _bare(value[1:] if op != ":" else value)
        if value:
            found.append(Term(name.casefold(), op, value, negated))
    return tuple(term for term in found if term.value)


def strangers(text: str, fields: Collection[str]) -> tuple[str, ...]:
    """The words before a colon that are no fields of the list, in the order they were typed."""
    names = (word.removeprefix("!").partition(":") for word in _WORD.findall(text))
    return tuple(
        name for name, colon, _ in names if colon and name.isidentifier() and name.casefold() not in fields
    )


def fits(terms: Collection[Term], row: Mapping[str, object], now: datetime) -> bool:
    """Whether a row, given by its fields, fulfils all conditions."""
    return all(_holds(term, row, now) is not term.negated for term in terms)


def number(text: str) -> Decimal | None:
    """The number a person typed; None when it is none."""
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def moment(text: str, now: datetime) -> datetime | None:
    """The time a person typed: a span before now (`90s`, `5m`, `2h`, `3d`, `1w`), a day, or an ISO time in UTC."""
    span = _SPAN.fullmatch(text)
    if span is not None:
        try:
            return now - timedelta(seconds=int(span[1]) * _UNITS[span[2]])
        except OverflowError:
            return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _holds(term: Term, row: Mapping[str, object], now: datetime) -> bool:
    if not term.field:
        sought = term.value.casefold()
        return any(sought in value.casefold() for value in row.values() if isinstance(value, str))
    have = row.get(term.field)
    match have:
        case None:
            return False
        case bool():
            return (term.value.casefold() in ("yes", "true", "1")) is have
        case int() | Decimal():
            wanted = number(term.value)
            if wanted is None:
                return False
            return _compared(term.op, Decimal(have), wanted)
        case datetime():
            at = moment(term.value, now)
            return at is not None and (have > at if term.op != "<" else have < at)
        case _:
            return term.value.casefold() in str(have).casefold()


def _compared(op: str, have: Decimal, wanted: Decimal) -> bool:
    match op:
        case ">":
            return have > wanted
        case "<":
            return have < wanted
        case _:
            return have == wanted


def _bare(text: str) -> str:
    return text.replace('"', "")
