"""How the webhooks of a back office are proven and understood; each kind declares its own in its room.

Signed ones are proven by their signature. Where nobody signs, what proves the sender is the last part of the address,
which only the sender was told. All are doorbells: nothing of their content is believed, what they name is read again.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

Told = Mapping[str, object]
"""What a message names, as our inbox takes it: `type`, `skus`, `refs`."""


@dataclass(frozen=True, slots=True)
class Unsigned:
    """Webhooks that nobody signs: taken in only behind a secret path."""

    read: Callable[[object], Told]
    """What a decoded body names; nothing in it may raise."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Webhooks that are signed."""

    genuine: Callable[[bytes, Mapping[str, str], Sequence[str], datetime], bool]
    """Whether one of these secrets signed the raw body, at a time near this one; headers by lower-case name."""
    id: Callable[[Mapping[str, str], object], str]
    """What makes a message one that was seen before, by its headers and its decoded body."""
    sent_at: Callable[[Mapping[str, str]], datetime | None]
    read: Callable[[object], Told] | None = None
    """What a decoded body names; None where it speaks the words of our inbox. Nothing in it may raise."""


@dataclass(frozen=True, slots=True)
class Doorbell:
    """How the unsigned webhooks of one connection are known and understood."""

    paths: tuple[str, ...] = field(repr=False)
    """Secret last parts of the address; two are valid while one replaces the other."""
    read: Callable[[object], Told]
    """What a decoded body names; nothing in it may raise."""


def opens(paths: Sequence[str], given: str) -> bool:
    """Compare with all, in the same time whichever fits."""
    fits = [hmac.compare_digest(each.encode(), given.encode("utf-8", "replace")) for each in paths]
    return any(fits)


def ring_id(body: bytes, second: str) -> str:
    """An id for a message that has none: the same words at another time are another message."""
    return sha256(second.encode() + b"|" + body).hexdigest()
