"""Webhooks that nobody signs: what proves the sender is the last part of the address, which only the sender was told.

They are doorbells: nothing of their content is believed, what they name is read again.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Told = Mapping[str, object]
"""What a message names, as our inbox takes it: `type`, `skus`, `refs`."""


@dataclass(frozen=True, slots=True)
class Doorbell:
    """How the unsigned webhooks of one connection are known and understood."""

    paths: tuple[str, ...] = field(repr=False)
    """Secret last parts of the address; two are valid while one replaces the other."""
    read: Callable[[object], Told]
    """What a decoded body names; nothing in it may raise."""

    def opens(self, path: str) -> bool:
        """Whether this is one of the paths."""
        return opens(self.paths, path)


def opens(paths: Sequence[str], given: str) -> bool:
    """Compare with all, in the same time whichever fits."""
    fits = [hmac.compare_digest(each.encode(), given.encode("utf-8", "replace")) for each in paths]
    return any(fits)


def ring_id(body: bytes, second: str) -> str:
    """An id for a message that has none: the same words at another time are another message."""
    return sha256(second.encode() + b"|" + body).hexdigest()
