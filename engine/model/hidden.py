"""Values that must never be told: once known, they are taken out of whatever is written for people.

Settings and adapters make them known when they learn them. Failures hide them as they are made, the log as it is
written, the command line as it prints; so a remote that repeats our key in its error says nothing by it.
"""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from threading import Lock
from urllib.parse import quote, quote_plus

HIDDEN = "‹hidden›"
SHORTEST = 6
"""A shorter value would take ordinary words apart; a key is never so short."""

BEGUN = 12
"""So much of a value's beginning is hidden, too: a text may have been cut in the middle of it."""

_lock = Lock()
_lasting: set[str] = set()
_passing: deque[str] = deque(maxlen=256)
"""Tokens that are renewed now and then: the newest are enough."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked for in a text."""

    pattern: re.Pattern[str] | None = None
    cut: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By their beginnings, values whose beginning alone says too much; that of an address does not."""


_known: _Known | None = _Known()
"""None once a value has come since: it is made of them when the next text is to be told."""


def conceal(value: str, *, passing: bool = False) -> None:
    """Never tell this from now on, nor as it stands in an address or in JSON; `passing`: a token that is renewed."""
    global _known
    if len(value) < SHORTEST or value in _lasting or value in _passing:
        return
    forms = {
        value,
        quote(value, safe=""),
        quote_plus(value),
        dumps(value)[1:-1],
        dumps(value, ensure_ascii=False)[1:-1],
    }
    forms |= {
        line for line in value.splitlines() if len(line) > 3 * SHORTEST
    }  # of a private key, each by itself
    with _lock:
        if passing:
            _passing.extend(sorted(forms))
        else:
            _lasting.update(forms)
        _known = None


def hide(text: str) -> str:
    """The text without any of them, nor the beginning of one where the text was cut."""
    known = _known or _learned()
    if known.pattern is None:
        return text
    text = known.pattern.sub(HIDDEN, text)
    for begun, values in known.cut.items():
        while (at := text.find(begun)) >= 0:
            end = max(_alike(value, text, at) for value in values)
            text = text[:at] + HIDDEN + text[at + end :]
    return text


def _learned() -> _Known:
    global _known
    with _lock:
        longest_first = sorted({*_lasting, *_passing}, key=len, reverse=True)
        cut: dict[str, list[str]] = {}
        for one in longest_first:
            if len(one) > BEGUN and "://" not in one:
                cut.setdefault(one[:BEGUN], []).append(one)
        _known = known = _Known(re.compile("|".join(re.escape(one) for one in longest_first)), cut)
    return known


def _alike(value: str, text: str, at: int) -> int:
    """For how many signs the text goes on like the value."""
    end = BEGUN
    while end < len(value) and text.startswith(value[end], at + end):
        end += 1
    return end
